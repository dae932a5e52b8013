// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace mastobak::config {

/// An error in a configuration file.
struct Problem {
    std::filesystem::path file;
    int line = 0;  ///< from 1; 0 when the problem concerns the file as a whole
    std::string text;
    std::string hint;

    /// "file:line: text; hint: …"
    std::string to_string() const;
};

struct Loaded {
    Config config;
    std::vector<Problem> problems;  ///< all problems; the config is valid only when empty
};

/// Reads and checks a configuration: unknown keys (with the nearest known one), wrong types and
/// units of measure, values out of range, suspicious combinations.
/// Never throws for the contents of the file; an unreadable file is reported as a problem, too.
/// \param instance whose directories are the defaults
Loaded load(const std::filesystem::path& file, const Instance& instance = {});

/// Does the same for a text, for tests.
/// \param file used only as the file name in problems
Loaded load_text(const std::string& text, const std::filesystem::path& file,
                 const Instance& instance = {});

}  // namespace mastobak::config
