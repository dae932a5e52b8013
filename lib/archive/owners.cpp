// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/owners.hpp"

#include "core/process/accounts.hpp"

namespace mastobak::archive {

const std::string& Owners::user(std::uint32_t uid) {
    const auto [known, is_new] = users_.try_emplace(uid);
    if (is_new)
        if (const auto account = account_of(uid)) known->second = account->name;
    return known->second;
}

const std::string& Owners::group(std::uint32_t gid) {
    const auto [known, is_new] = groups_.try_emplace(gid);
    if (is_new) known->second = group_name(gid).value_or("");
    return known->second;
}

}  // namespace mastobak::archive
