// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "config/config.hpp"

namespace mastobak::offsite {

/// Returns a warning with the remedy, on one line, for a remote that would receive the secrets of
/// the instance unencrypted; nullopt when it is encrypted or the configuration declares it as
/// plain.
/// Throws Error{offsite} when rclone does not list its remotes.
std::optional<std::string> plain_warning(const config::Remote& entry, const std::stop_token& stop);

}  // namespace mastobak::offsite
