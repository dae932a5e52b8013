// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/commands/verify.hpp"

namespace mastobak::daemon {

/// `verify --from`: reads the objects of a remote.
int command_verify_remote(const Options& options, const VerifyRequest& request);

}  // namespace mastobak::daemon
