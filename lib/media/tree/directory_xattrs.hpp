// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The extended attributes of a directory as its line of an index has them: a directory has no
/// member in a pack. lib/store/FORMAT.md has the format.
namespace mastobak::media {

using Xattrs = std::vector<std::pair<std::string, std::string>>;

/// Empty without any, so that trees without attributes cost nothing.
std::string encode_xattrs(const Xattrs& xattrs);

/// Throws Error{corrupt} for what encode_xattrs() has not made.
Xattrs decode_xattrs(std::string_view text);

}  // namespace mastobak::media
