// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace mastobak::test {

/// Runs a function in a child process, which can change its privileges and mounts without effects
/// on this process.
/// \return whether the function returned true; an exception is printed
bool in_a_child(const std::function<bool()>& what);

/// Becomes user `nobody` with only the capability CAP_DAC_READ_SEARCH, which the daemon has.
void become_unprivileged();
/// Enters a new mount namespace.
void unshare_mounts();

}  // namespace mastobak::test
