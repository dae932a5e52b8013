// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/as_user.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <thread>
#include <vector>

#include "core/error.hpp"

namespace mastobak {
namespace {

struct Identity {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;
};

Identity identity_of(const std::string& user) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> text{};
    ::getpwnam_r(user.c_str(), &entry, text.data(), text.size(), &found);
    if (found == nullptr)
        throw Error(Errc::environment, fmt::format("there is no user '{}' on this host", user),
                    user == "mastobak-drill"
                        ? "mastobak's package makes it; so does 'systemd-sysusers mastobak.conf'"
                        : "");
    int count = 64;
    Identity identity{entry.pw_uid, entry.pw_gid,
                      std::vector<gid_t>(static_cast<std::size_t>(count))};
    // More groups than that do not matter here; the primary one is the first of them.
    if (::getgrouplist(user.c_str(), entry.pw_gid, identity.groups.data(), &count) >= 0)
        identity.groups.resize(static_cast<std::size_t>(count));
    return identity;
}

/// This thread only.
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

}  // namespace mastobak
