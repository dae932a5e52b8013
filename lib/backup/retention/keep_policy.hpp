// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "config/config.hpp"
#include "store/retention/retention.hpp"

namespace mastobak::backup {

/// `retention:` as lib/store takes it, which knows nothing of a configuration.
store::RetentionPolicy keep_policy(const config::Retention& retention);

}  // namespace mastobak::backup
