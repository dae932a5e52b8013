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

/// Appends a path as printable ASCII, in the notation that GNU tar reads in a list of names
/// (--files-from with its default --unquote): "\\", "\n", "\t", and "\ooo" for every other byte
/// that is not printable ASCII. Source: GNU tar manual, 6.3 "Reading Names from a File"
void append_escaped(std::string& out, std::string_view path);

/// Reverses append_escaped.
/// \return false when append_escaped cannot have made the text, or when it contains a NUL
bool append_unescaped(std::string& out, std::string_view text);

/// Returns the name of a path in a pack and in the path column of an index: with "./" in front if
/// it begins with a dash or white space, so that the column can be given to tar as a list of names.
std::string member_name(const std::string& path);
/// Reverses member_name, in place.
void make_path_of_member(std::string& name);

/// Returns whether a path stays below the directory that it is appended to: it is not empty, not
/// absolute, and no component is empty, "." or "..".
bool is_relative_and_clean(std::string_view path);

}  // namespace mastobak::media
