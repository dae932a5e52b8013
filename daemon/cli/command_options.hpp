// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>

#include "daemon/cli/command.hpp"

/// Defines the options of commands with many options.
namespace mastobak::daemon {

inline constexpr auto what_names_are =
    "a path in public/system, the id of an attachment, @user for all of an account, or the "
    "URL that a browser shows";

/// \param request receives the values; must outlive the command
void add_options(CLI::App& command, VerifyRequest& request);
void add_options(CLI::App& command, RestoreRequest& request);

}  // namespace mastobak::daemon
