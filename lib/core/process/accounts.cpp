// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/accounts.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace mastobak {
namespace {

constexpr std::size_t largest_entry = std::size_t{8} << 20;

/// Calls one of the functions getpw*_r and getgr*_r, with larger buffers until one is large enough:
/// the entry of a group names all of its members.
template <typename Entry, typename Key, typename Convert>
auto look_up(int (*function)(Key, Entry*, char*, std::size_t, Entry**), Key key, Convert convert)
    -> std::optional<decltype(convert(Entry{}))> {
    std::vector<char> text(4096);
    Entry entry{};
    Entry* found = nullptr;
    while (function(key, &entry, text.data(), text.size(), &found) == ERANGE &&
           text.size() < largest_entry)
        text.resize(4 * text.size());
    if (found == nullptr) return std::nullopt;
    return convert(*found);
}

Account to_account(const passwd& entry) {
    return {entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir};
}

}  // namespace

std::optional<Account> account_named(const std::string& name) {
    return look_up(::getpwnam_r, name.c_str(), to_account);
}

std::optional<Account> account_of(uid_t user) {
    return look_up(::getpwuid_r, user, to_account);
}

std::string user_name(uid_t user) {
    const auto account = account_of(user);
    return account ? account->name : std::to_string(user);
}

std::vector<gid_t> groups_of(const Account& account) {
    int count = 64;
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    while (::getgrouplist(account.name.c_str(), account.group, groups.data(), &count) < 0 &&
           static_cast<std::size_t>(count) > groups.size())
        groups.resize(static_cast<std::size_t>(count));
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

std::optional<gid_t> group_named(const std::string& name) {
    return look_up(::getgrnam_r, name.c_str(), [](const group& entry) { return entry.gr_gid; });
}

std::optional<std::string> group_name(gid_t group) {
    return look_up(::getgrgid_r, group,
                   [](const struct group& entry) { return std::string(entry.gr_name); });
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

}  // namespace mastobak
