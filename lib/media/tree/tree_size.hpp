// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"

namespace mastobak::media {

/// What packs of a whole tree take, nearly: nothing is read, each file is looked at. Minutes for
/// ten million files, before a first backup of hours. Lists what the backup will, so that what may
/// not be read is refused before Mastodon is stopped.
///
/// \param excluded names of directories in the root, which are not looked at
/// Throws Error{media} for what may not be looked at, Error{cancelled}.
Bytes tree_size(const std::filesystem::path& root, const std::vector<std::string>& excluded,
                const std::stop_token& stop);

}  // namespace mastobak::media
