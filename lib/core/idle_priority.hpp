// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace mastobak {

/// Runs work in a new thread that uses the processor and the disk only when no other process needs
/// them, and waits for its end.
///
/// Threads and children that the work starts have the same priority. The new thread exists because
/// raising the priority again may need a privilege; a thread that ends need not raise it.
///
/// When the kernel refuses this priority, the work runs with the normal one.
/// Throws the exceptions of the work.
/// Source: sched(7), SCHED_IDLE and RLIMIT_NICE; ioprio_set(2), IOPRIO_CLASS_IDLE and "if an I/O
/// scheduler is in use that supports it" (bfq and, since Linux 5.14, mq-deadline).
void run_at_idle_priority(const std::function<void()>& work);

}  // namespace mastobak
