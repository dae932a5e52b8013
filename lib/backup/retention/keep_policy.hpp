// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "config/config.hpp"
#include "store/retention/retention.hpp"

namespace mastobak::backup {

/// Converts the section `retention:` of the configuration to the type of lib/store, which does not
/// depend on the configuration.
store::RetentionPolicy keep_policy(const config::Retention& retention);

}  // namespace mastobak::backup
