// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace mastobak::test {

/// The other processes of this host whose command line has a text in it. They are found by their
/// command line, because in a namespace of processes their number is another one.
std::vector<pid_t> processes_with(const std::string& text);

}  // namespace mastobak::test
