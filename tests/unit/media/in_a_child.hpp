// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace mastobak::test {

/// Runs something in a process of its own, whose privileges and mounts are nobody else's.
/// \return whether it returned true; what it throws is printed
bool in_a_child(const std::function<bool()>& what);

/// Becomes the user nobody with no capability but CAP_DAC_READ_SEARCH, as the daemon is.
void become_unprivileged();
/// Gets mounts of its own.
void unshare_mounts();

}  // namespace mastobak::test
