// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "config/config.hpp"

namespace mastobak::daemon {

/// Returns the entry of `offsite:` with that name.
/// Throws Error{usage} when there is none.
const config::Remote& remote_named(const config::Config& config, const std::string& name);

}  // namespace mastobak::daemon
