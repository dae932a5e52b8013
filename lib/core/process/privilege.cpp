// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/privilege.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <future>

#include "core/error.hpp"
#include "core/process/accounts.hpp"

namespace mastobak {
namespace {

constexpr std::uint32_t read_search = 1u << CAP_DAC_READ_SEARCH;

/// The capabilities of the calling thread. The C library has no wrapper for capget(2), and libcap
/// would be one more dependency.
struct Capabilities {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> sets{};

    bool get() { return ::syscall(SYS_capget, &header, sets.data()) == 0; }
    bool set() { return ::syscall(SYS_capset, &header, sets.data()) == 0; }
};

FileRights rights_of_user(const std::string& user) {
    const auto account = account_named(user);
    if (!account)
        throw Error(Errc::environment, fmt::format("there is no user '{}' on this host", user),
                    user == "mastobak-drill"
                        ? "mastobak's package makes it; so does 'systemd-sysusers mastobak.conf'"
                        : "");
    return {account->user, account->group, groups_of(*account)};
}

/// Changes the user of the calling thread only.
void become(const FileRights& rights) {
    const auto& [uid, gid, groups] = rights;
    if (::syscall(SYS_setgroups, groups.size(), groups.data()) != 0 ||
        ::syscall(SYS_setresgid, gid, gid, gid) != 0 ||
        ::syscall(SYS_setresuid, uid, uid, uid) != 0)
        throw errno_error(Errc::environment, fmt::format("become user {}", uid), errno);
}

/// Lowers the priority of the calling thread. A container or a filter of system calls may refuse
/// this; the thread then keeps its priority.
void step_back() {
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_IDLE, &none);
    // glibc has no wrapper for this system call.
    ::syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

/// Runs work in a thread of its own, and waits for the end of that thread. Throws its exceptions.
void in_new_thread(const std::function<void()>& work) {
    std::async(std::launch::async, work).get();
}

/// An invalid user: setfsuid(2) with it changes nothing and returns the current user.
constexpr auto ask = static_cast<uid_t>(-1);

FileRights current_rights() {
    FileRights rights{static_cast<uid_t>(::setfsuid(ask)), static_cast<gid_t>(::setfsgid(ask)), {}};
    rights.groups.resize(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    const int count = ::getgroups(static_cast<int>(rights.groups.size()), rights.groups.data());
    rights.groups.resize(static_cast<std::size_t>(std::max(0, count)));
    return rights;
}

/// Sets the rights of the calling thread, by system calls: glibc's setgroups(3) is for all threads.
bool set_rights(const FileRights& rights) {
    const auto& [user, group, groups] = rights;
    // First back to root, because no other user may set groups.
    ::setfsuid(0);
    if (::syscall(SYS_setgroups, groups.size(), groups.data()) != 0) return false;
    ::setfsgid(group);
    ::setfsuid(user);
    // setfsuid(2) and setfsgid(2) report no error.
    return static_cast<uid_t>(::setfsuid(ask)) == user &&
           static_cast<gid_t>(::setfsgid(ask)) == group;
}

}  // namespace

ReadAnything::ReadAnything() noexcept {
    Capabilities now;
    if (!now.get() || (now.sets[0].permitted & read_search) == 0) return;
    if ((now.sets[0].effective & read_search) != 0) return;
    now.sets[0].effective |= read_search;
    raised_ = now.set();
}

ReadAnything::~ReadAnything() {
    Capabilities now;
    if (!raised_ || !now.get()) return;
    now.sets[0].effective &= ~read_search;
    now.set();
}

void lower_capabilities() noexcept {
    if (::geteuid() == 0) return;
    static_cast<void>(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
    Capabilities now;
    if (!now.get()) return;
    const auto kept = now.sets[0].permitted & read_search;
    now.sets = {};
    now.sets[0].permitted = kept;
    now.set();
}

std::string group_of(const std::string& user) {
    return std::to_string(rights_of_user(user).group);
}

void give_to_user(const std::filesystem::path& path, const std::string& user) {
    if (::geteuid() != 0 || user.empty()) return;
    const auto rights = rights_of_user(user);
    if (::lchown(path.c_str(), rights.user, rights.group) != 0)
        throw errno_error(Errc::environment,
                          fmt::format("give '{}' to user '{}'", path.native(), user), errno);
}

void run_as_user(const std::string& user, const std::function<void()>& work) {
    if (user.empty() || ::geteuid() != 0) return work();
    const auto rights = rights_of_user(user);
    in_new_thread([&] {
        become(rights);
        work();
    });
}

void run_at_idle_priority(const std::function<void()>& work) {
    in_new_thread([&] {
        step_back();
        work();
    });
}

FileRights rights_of(uid_t user, gid_t group) {
    FileRights rights{user, group, {}};
    const auto account = account_of(user);
    if (!account) return rights;
    rights.group = account->group;
    rights.groups = groups_of(*account);
    return rights;
}

WithRightsOf::WithRightsOf(const FileRights& rights) {
    if (::geteuid() != 0 || static_cast<uid_t>(::setfsuid(ask)) == rights.user) return;
    before_ = current_rights();
    changed_ = true;
    if (set_rights(rights)) return;
    const int error = errno;
    restore();
    throw errno_error(Errc::environment,
                      fmt::format("work with the rights of user {}", rights.user), error);
}

WithRightsOf WithRightsOf::owner_of(const std::filesystem::path& directory) {
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0) return WithRightsOf(current_rights());
    return WithRightsOf(rights_of(status.st_uid, status.st_gid));
}

WithRightsOf::~WithRightsOf() {
    if (changed_) restore();
}

void WithRightsOf::restore() const noexcept {
    // A failure leaves the thread with fewer rights, never with more.
    static_cast<void>(set_rights(before_));
}

uid_t user_of_files() {
    return static_cast<uid_t>(::setfsuid(ask));
}

bool has_all_file_rights() {
    return ::geteuid() == 0 && user_of_files() == 0;
}

}  // namespace mastobak
