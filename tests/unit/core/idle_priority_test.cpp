// SPDX-License-Identifier: GPL-3.0-or-later
#include <linux/ioprio.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <future>
#include <stdexcept>

#include "core/process/privilege.hpp"
#include "support/catch.hpp"

using namespace mastobak;

namespace {

/// The scheduling classes of the calling thread.
struct Class {
    int policy = ::sched_getscheduler(0);
    int disk = IOPRIO_PRIO_CLASS(::syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0));
};

}  // namespace

TEST_CASE("work in the background is of the idle classes, with the threads that it starts") {
    Class of_work, of_thread;
    run_at_idle_priority([&] {
        of_work = Class();
        of_thread = std::async(std::launch::async, [] { return Class(); }).get();
    });
    CHECK(of_work.policy == SCHED_IDLE);
    CHECK(of_work.disk == IOPRIO_CLASS_IDLE);
    CHECK(of_thread.policy == SCHED_IDLE);
    CHECK(of_thread.disk == IOPRIO_CLASS_IDLE);
}

TEST_CASE("who has work done in the background stays what it was") {
    const Class before;
    run_at_idle_priority([] {});
    const Class after;
    CHECK(after.policy == before.policy);
    CHECK(after.disk == before.disk);
}

TEST_CASE("work in the background passes on what it throws") {
    CHECK_THROWS_WITH(run_at_idle_priority([] { throw std::runtime_error("it"); }), "it");
}
