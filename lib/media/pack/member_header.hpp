// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "archive/tar.hpp"
#include "media/index/index.hpp"

namespace mastobak::media {

/// Returns the tar header of the member of a file, symlink or hard link. The caller adds the holes
/// and extended attributes of a file, which the index does not have. The result depends only on
/// the entry and the names of its owner, so that a repair can write the same member again.
archive::Header member_header(const Entry& entry, archive::Owners& owners);

}  // namespace mastobak::media
