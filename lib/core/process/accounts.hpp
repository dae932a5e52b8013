// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// The name of this host, and its users and groups, looked up in any thread and with entries of any
/// length.
namespace mastobak {

struct Account {
    std::string name;
    uid_t user = 0;
    gid_t group = 0;  ///< the primary one
    std::filesystem::path home;
};

/// Returns the user with this name or number; nullopt when this host does not know the user, or
/// when its directory service cannot be reached.
/// Source: getpwnam_r(3)
std::optional<Account> account_named(const std::string& name);
std::optional<Account> account_of(uid_t user);

/// Returns the name of a user, or its number as a text when it has no name.
std::string user_name(uid_t user);

/// Returns all groups of a user, including the primary one.
/// Source: getgrouplist(3)
std::vector<gid_t> groups_of(const Account& account);

/// Returns the number or the name of a group; nullopt when this host does not know the group.
/// Source: getgrnam_r(3)
std::optional<gid_t> group_named(const std::string& name);
std::optional<std::string> group_name(gid_t group);

/// Returns the name of this host; "unknown" when the kernel does not return one.
std::string host_name();

}  // namespace mastobak
