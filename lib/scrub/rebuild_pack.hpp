// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "scrub/place.hpp"

namespace mastobak::scrub {

/// Rebuilds a pack from the remains in staging and from the media files on this host. A member
/// whose contents are damaged gets them from the file that the indexes name, if that file still has
/// the same SHA-256. If that is not enough, the headers are written again from the indexes. The
/// pack's digest decides whether the result is the published pack.
/// \param media  root of the media on this host, whose files belong to another user
/// \param wanted size and digest of the pack, and the sets that use it
/// \param file   the new file; must not exist yet
/// Throws Error{corrupt} when the pack cannot be rebuilt, with the first file that is missing;
/// Error{staging}, Error{cancelled}.
void rebuild_pack(const config::Config& config, const std::filesystem::path& media,
                  const std::string& pack, const Wanted& wanted, const std::filesystem::path& file,
                  const std::stop_token& stop);

}  // namespace mastobak::scrub
