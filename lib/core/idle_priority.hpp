// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace mastobak {

/// Runs work that everybody else goes before: in a thread of its own, which the processor and the
/// disk serve only when no other process wants them. Waits for its end.
///
/// The threads and children that the work starts are of the same class, and none has to come back
/// from it: that may take a privilege, a thread that ends does not.
///
/// Where the kernel refuses the class, the work is done all the same.
/// Throws what the work throws.
/// Source: sched(7), SCHED_IDLE and RLIMIT_NICE; ioprio_set(2), IOPRIO_CLASS_IDLE and "if an I/O
/// scheduler is in use that supports it" (bfq and, since Linux 5.14, mq-deadline).
void run_at_idle_priority(const std::function<void()>& work);

}  // namespace mastobak
