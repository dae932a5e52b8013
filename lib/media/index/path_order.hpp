// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace mastobak::media {

/// Compares two paths in the order of an index: component by component, bytewise, a directory
/// before its contents. This is the order of a depth-first walk with sorted directories.
/// \return negative, zero or positive, as strcmp(3) does
int compare_paths(std::string_view a, std::string_view b);

/// Sorts paths in the order of an index, so that they can be merged with one.
struct PathOrder {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const {
        return compare_paths(a, b) < 0;
    }
};

/// Paths relative to the media root.
using Paths = std::set<std::string, PathOrder>;

}  // namespace mastobak::media
