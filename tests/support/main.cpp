// SPDX-License-Identifier: GPL-3.0-or-later
#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

int main(int argc, char* argv[]) {
    // Like the daemon: when a reader has closed its end, write(2) fails and the process continues.
    std::signal(SIGPIPE, SIG_IGN);
    // In a session of its own, a suite has its share of the processors (sched_autogroup_enabled).
    // Otherwise, threads and servers with idle priority starve beside another suite. A suite ends
    // with ctest, because a terminal's signals do not reach it.
    if (::setsid() >= 0) ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    return Catch::Session().run(argc, argv);
}
