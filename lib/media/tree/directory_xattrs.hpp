// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The extended attributes of a directory. The index stores them, because a directory has no member
/// in a pack. lib/store/FORMAT.md specifies the format.
namespace mastobak::media {

using Xattrs = std::vector<std::pair<std::string, std::string>>;

/// Returns the text for the index; empty when there are no attributes.
std::string encode_xattrs(const Xattrs& xattrs);

/// Reverses encode_xattrs(). Throws Error{corrupt} for any other text.
Xattrs decode_xattrs(std::string_view text);

}  // namespace mastobak::media
