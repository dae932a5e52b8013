// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/as_user.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <thread>
#include <vector>

#include "core/accounts.hpp"
#include "core/error.hpp"

namespace mastobak {
namespace {

struct Identity {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;
};

Identity identity_of(const std::string& user) {
    const auto account = account_named(user);
    if (!account)
        throw Error(Errc::environment, fmt::format("there is no user '{}' on this host", user),
                    user == "mastobak-drill"
                        ? "mastobak's package makes it; so does 'systemd-sysusers mastobak.conf'"
                        : "");
    return {account->user, account->group, groups_of(*account)};
}

/// Changes the user of the calling thread only.
void become(const Identity& identity) {
    const auto& [uid, gid, groups] = identity;
    if (::syscall(SYS_setgroups, groups.size(), groups.data()) != 0 ||
        ::syscall(SYS_setresgid, gid, gid, gid) != 0 ||
        ::syscall(SYS_setresuid, uid, uid, uid) != 0)
        throw errno_error(Errc::environment, fmt::format("become user {}", uid), errno);
}

}  // namespace

std::string group_of(const std::string& user) {
    return std::to_string(identity_of(user).gid);
}

void give_to_user(const std::filesystem::path& path, const std::string& user) {
    if (::geteuid() != 0 || user.empty()) return;
    const auto identity = identity_of(user);
    if (::lchown(path.c_str(), identity.uid, identity.gid) != 0)
        throw errno_error(Errc::environment,
                          fmt::format("give '{}' to user '{}'", path.native(), user), errno);
}

void run_as_user(const std::string& user, const std::function<void()>& work) {
    if (::geteuid() != 0) return work();
    const auto identity = identity_of(user);
    std::exception_ptr failure;
    std::jthread([&] {
        try {
            become(identity);
            work();
        } catch (...) {
            failure = std::current_exception();
        }
    }).join();
    if (failure) std::rethrow_exception(failure);
}

FileRights rights_of(uid_t user, gid_t group) {
    FileRights rights{user, group, {}};
    const auto account = account_of(user);
    if (!account) return rights;
    rights.group = account->group;
    rights.groups = groups_of(*account);
    return rights;
}

namespace {

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
