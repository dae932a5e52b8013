// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>

#include "daemon/cli/command.hpp"

/// The options of commands that have many, and what they set.
namespace mastobak::daemon {

inline constexpr auto what_names_are =
    "a path in public/system, the id of an attachment, @user for all of an account, or the "
    "URL that a browser shows";

/// \param request outlives the command
void add_options(CLI::App& command, VerifyRequest& request);
void add_options(CLI::App& command, RestoreRequest& request);

}  // namespace mastobak::daemon
