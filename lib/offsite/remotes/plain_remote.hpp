// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "config/config.hpp"

namespace mastobak::offsite {

/// What an admin has to know of a remote that gets the secrets of the instance unencrypted: one
/// line with the mend. Nothing for one that is encrypted, or that the configuration calls plain.
/// Throws Error{offsite} when rclone does not say what its remotes are.
std::optional<std::string> plain_warning(const config::Remote& entry, const std::stop_token& stop);

}  // namespace mastobak::offsite
