// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "archive/owners.hpp"
#include "archive/tar.hpp"
#include "media/index/index.hpp"

/// For scrub, too.
namespace mastobak::media {

/// Returns the tar header of a file's member. A backup writes it, and a repair writes it again.
archive::Header member_header(const Entry& entry, archive::Owners& owners);

}  // namespace mastobak::media
