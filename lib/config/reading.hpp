// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "config/yaml_tree.hpp"

namespace mastobak::config {

/// The state of reading one file: its problems so far, and the line of each key.
class Reading {
 public:
    explicit Reading(std::filesystem::path file) : file_(std::move(file)) {}

    void problem(int line, std::string text, std::string hint = {});
    /// Adds a problem with the line of a key, or with line 0 when the file does not have the key.
    /// \param key full name: "media.path", "offsite[0].name"
    void problem_at(const std::string& key, std::string text, std::string hint = {});

    void note(const std::string& key, int line) { lines_[key] = line; }
    bool has(const std::string& key) const { return lines_.contains(key); }

    std::vector<Problem>& problems() { return problems_; }
    const std::filesystem::path& file() const { return file_; }

 private:
    std::filesystem::path file_;
    std::vector<Problem> problems_;
    std::map<std::string, int> lines_;
};

/// Reads a value into the configuration, or reports why the value is not valid. The key is used in
/// the message.
using Reader = std::function<void(const YamlNode& node, const std::string& key, Reading& reading)>;

/// A key that may be in the file: its value is read by `read`, or is a mapping of `section`, or
/// either of them.
struct Key {
    std::string name;
    Reader read;
    std::vector<Key> section{};
};

/// Reports a value as "'key' is a mapping, but has to be a list".
/// \param wanted "a list"
void wrong_kind(const YamlNode& node, const std::string& key, std::string_view wanted,
                std::string hint, Reading& reading);

/// Reads a mapping. Reports each unknown key, with the nearest known key as the hint.
/// \param prefix prefix of the key names in messages: "media."
void read_mapping(const YamlNode& node, const std::string& prefix, const std::vector<Key>& keys,
                  Reading& reading);

}  // namespace mastobak::config
