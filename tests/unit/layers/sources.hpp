// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace mastobak::test {

/// A source file, and the files that it includes.
struct Source {
    std::string path;    ///< relative to the source tree: "lib/core/error.hpp"
    std::string folder;  ///< "core", "daemon"
    std::vector<std::string> lines;
    std::vector<std::string> own;      ///< #include "…"
    std::vector<std::string> foreign;  ///< #include <…>

    bool is_header() const { return path.ends_with(".hpp"); }
};

/// Returns all .hpp and .cpp files below these directories.
std::vector<Source> sources_below(const std::vector<std::string>& directories);

}  // namespace mastobak::test
