// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mastobak::daemon {

/// Parses the command line, runs the command, and prints errors.
/// \return the exit status of the process
int run_cli(int argc, char* argv[]);

}  // namespace mastobak::daemon
