// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace mastobak::media {

/// Appends a path as printable ASCII, in the notation that GNU tar reads in a list of names
/// (--files-from with its default --unquote): "\\", "\n", "\t", and "\ooo" for every other byte
/// that is not printable ASCII. Source: GNU tar manual, 6.3 "Reading Names from a File"
void append_escaped(std::string& out, std::string_view path);

/// The reverse. \return false for what append_escaped cannot have made, or a NUL
bool append_unescaped(std::string& out, std::string_view text);

/// What a path is called in a pack and in the path column of an index, so that the column can be
/// given to tar as a list of names: with "./" in front if it begins with a dash or white space.
std::string member_name(const std::string& path);
/// The reverse, in place.
void make_path_of_member(std::string& name);

/// Whether a path stays below where it is put: not empty, not absolute, no component that is
/// empty, "." or "..".
bool is_relative_and_clean(std::string_view path);

}  // namespace mastobak::media
