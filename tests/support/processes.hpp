// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace mastobak::test {

/// Returns the other processes of this host whose command line contains a text. Process IDs cannot
/// identify them, because they differ in a PID namespace.
std::vector<pid_t> processes_with(const std::string& text);

}  // namespace mastobak::test
