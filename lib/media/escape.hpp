// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mastobak::media {

/// Appends a path as printable ASCII, in the notation that GNU tar reads in a list of names
/// (--files-from with its default --unquote): "\\", "\n", "\t", and "\ooo" for every other byte
/// that is not printable ASCII, for a dash or space at the beginning, and a space at the end (tar
/// would take the former for an option).
/// Source: GNU tar manual, 6.3 "Reading Names from a File"
void append_escaped(std::string& out, std::string_view path);

/// The reverse; nothing for what append_escaped cannot have made, or a NUL.
std::optional<std::string> unescape(std::string_view text);

/// Whether a path stays below where it is put: not empty, not absolute, no component that is
/// empty, "." or "..".
bool is_relative_and_clean(std::string_view path);

}  // namespace mastobak::media
