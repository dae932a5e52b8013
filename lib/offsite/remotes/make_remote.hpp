// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Creates the remote that an entry of `offsite:` describes.
/// \param scratch a directory for its temporary files
std::unique_ptr<Remote> make_remote(const config::Remote& entry,
                                    const std::filesystem::path& scratch);

/// Returns a warning with the remedy, on one line, for a remote that would receive the secrets of
/// the instance unencrypted; nullopt when it is encrypted or the configuration declares it as
/// plain.
/// Throws Error{offsite} when rclone does not list its remotes.
std::optional<std::string> plain_warning(const config::Remote& entry, const std::stop_token& stop);

}  // namespace mastobak::offsite
