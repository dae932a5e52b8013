// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace mastobak::config {

/// Something wrong in a configuration file.
struct Problem {
    std::filesystem::path file;
    int line = 0;  ///< from 1; 0 when it is about the file as a whole
    std::string text;
    std::string hint;

    /// "file:line: text; hint: …"
    std::string to_string() const;
};

struct Loaded {
    Config config;
    std::vector<Problem> problems;  ///< all of them at once; the config is for use only if empty
};

/// Reads and checks a configuration: unknown keys (with the nearest known one), wrong types and
/// units of measure, values out of range, suspicious combinations.
/// Never throws for what the file says; a file that cannot be read is a problem, too.
Loaded load(const std::filesystem::path& file);

/// The same from text, for tests.
/// \param file only a name for the problems
Loaded load_text(const std::string& text, const std::filesystem::path& file);

/// The configuration, or Error{config} with all problems in its text.
Config load_or_throw(const std::filesystem::path& file);

/// Every key that may be in a file: "media", "media.path", …, "offsite.name".
std::vector<std::string> known_keys();

}  // namespace mastobak::config
