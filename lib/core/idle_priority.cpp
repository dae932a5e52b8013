// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/idle_priority.hpp"

#include <linux/ioprio.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <exception>
#include <thread>

namespace mastobak {
namespace {

/// Lowers the priority of the calling thread. A container or a filter of system calls may refuse
/// this; the thread then keeps its priority.
void step_back() {
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_IDLE, &none);
    // glibc has no wrapper for this system call.
    ::syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

}  // namespace

void run_at_idle_priority(const std::function<void()>& work) {
    std::exception_ptr failure;
    std::thread([&] {
        step_back();
        try {
            work();
        } catch (...) {
            failure = std::current_exception();
        }
    }).join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace mastobak
