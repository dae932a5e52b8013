// SPDX-License-Identifier: GPL-3.0-or-later
#include "in_a_child.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>
#include <stdexcept>

namespace mastobak::test {
namespace {

void must(long result, const char* what) {
    if (result != 0) throw std::runtime_error(what);
}

}  // namespace

bool in_a_child(const std::function<bool()>& what) {
    const auto child = ::fork();
    if (child == 0) {
        bool good = false;
        try {
            good = what();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "in the child: %s\n", error.what());
        }
        ::_exit(good ? 0 : 1);
    }
    int status = -1;
    return ::waitpid(child, &status, 0) == child && status == 0;
}

void become_unprivileged() {
    constexpr auto nobody = 65534;
    must(::prctl(PR_SET_KEEPCAPS, 1), "keep capabilities");
    must(::setgroups(0, nullptr), "leave the groups");
    must(::setresgid(nobody, nobody, nobody), "change the group");
    must(::setresuid(nobody, nobody, nobody), "change the user");
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    data[0].effective = data[0].permitted = 1u << CAP_DAC_READ_SEARCH;
    must(::syscall(SYS_capset, &header, data.data()), "drop capabilities");
}

void unshare_mounts() {
    must(::unshare(CLONE_NEWNS), "unshare");
    must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
}

}  // namespace mastobak::test
