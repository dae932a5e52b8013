// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/dies_at.hpp"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <stdexcept>

namespace mastobak::test {
namespace {

constexpr std::uint64_t steps[] = {
#ifdef SYS_rename
    SYS_rename,    SYS_unlink,   SYS_rmdir,
#endif
    SYS_renameat2, SYS_unlinkat, SYS_fsync, SYS_fdatasync};

[[noreturn]] void be_the_child(const std::function<void()>& work) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    try {
        work();
    } catch (...) {
        ::_exit(1);
    }
    ::_exit(0);
}

/// Returns whether the child, which has just stopped, is about to make a step.
bool before_a_step(pid_t child) {
    __ptrace_syscall_info info{};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) <= 0)
        throw std::runtime_error("ptrace does not tell of system calls");
    return info.op == PTRACE_SYSCALL_INFO_ENTRY &&
           std::find(std::begin(steps), std::end(steps), info.entry.nr) != std::end(steps);
}

}  // namespace

bool dies_at(int step, const std::function<void()>& work) {
    const auto child = ::fork();
    if (child == 0) be_the_child(work);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
    int signal = 0;
    for (;;) {
        ::ptrace(PTRACE_SYSCALL, child, nullptr, signal);
        ::waitpid(child, &status, 0);
        if (WIFEXITED(status)) {
            if (WEXITSTATUS(status) != 0) throw std::runtime_error("the work in the child failed");
            return false;
        }
        if (!WIFSTOPPED(status)) throw std::runtime_error("the child died by itself");
        const bool at_a_call = WSTOPSIG(status) == (SIGTRAP | 0x80);
        signal = at_a_call ? 0 : WSTOPSIG(status);
        if (at_a_call && before_a_step(child) && --step == 0) break;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return true;
}

}  // namespace mastobak::test
