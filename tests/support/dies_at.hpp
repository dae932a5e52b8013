// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace mastobak::test {

/// Does some work in a child of its own, which is killed right before its nth step that changes a
/// file system durably: rename, unlink, rmdir, fsync. What it leaves is what a crash there leaves.
/// \param step from 1
/// \return whether it died; not if it had fewer steps
/// Throws std::runtime_error when the work fails by itself.
/// Source: ptrace(2), PTRACE_GET_SYSCALL_INFO.
bool dies_at(int step, const std::function<void()>& work);

}  // namespace mastobak::test
