// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace mastobak::test {

/// Runs some work in a child process, which is killed right before its nth durable change of a file
/// system: rename, unlink, rmdir, fsync. It leaves the same files as a crash at this point.
/// \param step counted from 1
/// \return whether the child was killed; false when the work has fewer steps
/// Throws std::runtime_error when the work itself fails.
/// Source: ptrace(2), PTRACE_GET_SYSCALL_INFO.
bool dies_at(int step, const std::function<void()>& work);

}  // namespace mastobak::test
