// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace mastobak::config {

struct Member;

/// A YAML value with its line. The rest of this folder does not use yaml-cpp.
struct YamlNode {
    enum class Kind { null, scalar, sequence, mapping };
    Kind kind = Kind::null;
    int line = 0;                 ///< from 1
    std::string text;             ///< text of a scalar
    std::vector<YamlNode> items;  ///< items of a sequence
    std::vector<Member> members;  ///< members of a mapping, in order; no key occurs twice

    const YamlNode* find(std::string_view key) const;
};

struct Member {
    std::string key;
    int line = 0;
    YamlNode value;
};

/// Returns a kind for messages: "a single value", "a list", "a mapping", "nothing".
std::string_view to_string(YamlNode::Kind kind);

/// Parses a text with one document. Ignores tags. Adds anchors, aliases, keys that are not scalars,
/// duplicate keys and a second document to `problems`, with their lines.
/// \param file used only as the file name in problems
/// Returns nullopt, with a problem, when the text is not YAML.
std::optional<YamlNode> parse_yaml(const std::string& text, const std::filesystem::path& file,
                                   std::vector<Problem>& problems);

}  // namespace mastobak::config
