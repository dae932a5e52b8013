// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/privileges.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "core/error.hpp"
#include "core/files/led.hpp"
#include "core/process/accounts.hpp"

namespace mastobak::daemon {
namespace {

void must(int result, const char* what) {
    if (result != 0) throw errno_error(Errc::environment, what, errno);
}

// The C library has no wrapper for capset(2), and libcap would be a dependency for one call.
void keep_only_read_search() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    data[0].permitted = 1u << CAP_DAC_READ_SEARCH;
    must(static_cast<int>(::syscall(SYS_capset, &header, data.data())), "drop capabilities");
}

}  // namespace

void become_owner_of(const std::filesystem::path& directory) {
    if (::geteuid() != 0) return;
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0 || status.st_uid == 0) return;
    const auto user = account_of(status.st_uid);
    if (!user)
        throw Error(Errc::environment, fmt::format("the owner {} of '{}' is not a known user",
                                                   status.st_uid, directory.native()));
    must(::prctl(PR_SET_KEEPCAPS, 1), "keep capabilities");
    must(::initgroups(user->name.c_str(), user->group), "set the groups");
    must(::setresgid(user->group, user->group, user->group), "become another group");
    must(::setresuid(user->user, user->user, user->user), "become another user");
    keep_only_read_search();
    ::setenv("HOME", user->home.c_str(), 1);
}

void check_only_root_writes(const std::filesystem::path& path) {
    struct stat state {};
    const bool ours = owner_on_way(path) == uid_t{0} && ::stat(path.c_str(), &state) == 0 &&
                      (state.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    if (!ours)
        throw Error(Errc::config,
                    fmt::format("'{}' is not used for containers, because another user than root "
                                "can write it",
                                path.native()),
                    "give it and its directories to root");
}

}  // namespace mastobak::daemon
