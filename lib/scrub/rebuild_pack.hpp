// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "scrub/place.hpp"

namespace mastobak::scrub {

/// Makes a pack anew out of what is left of it in staging and of the files of the disk: a member
/// whose contents are damaged gets them from the file that the indexes name, if that has the same
/// SHA-256 still; and if that is not enough, the headers are written again from the indexes.
/// Whether the result is the pack that was published is for its digest to say.
/// \param media  root of the media on this host; its files are another user's
/// \param wanted of the pack, with the sets that use it
/// \param file   new
/// Throws Error{corrupt} when it does not become whole, with the first file that lacks; and
/// Error{staging}, Error{cancelled}.
void rebuild_pack(const config::Config& config, const std::filesystem::path& media,
                  const std::string& pack, const Wanted& wanted, const std::filesystem::path& file,
                  const std::stop_token& stop);

}  // namespace mastobak::scrub
