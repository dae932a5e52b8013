// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/owners.hpp"

#include <grp.h>
#include <pwd.h>

#include <array>

namespace mastobak::archive {
namespace {

/// A group with hundreds of members does not fit. Then only its number is archived.
using Block = std::array<char, 16 * 1024>;

}  // namespace

const std::string& Owners::user(std::uint32_t uid) {
    const auto [known, is_new] = users_.try_emplace(uid);
    if (is_new) {
        Block block;
        struct passwd entry {};
        struct passwd* found = nullptr;
        if (::getpwuid_r(uid, &entry, block.data(), block.size(), &found) == 0 && found)
            known->second = found->pw_name;
    }
    return known->second;
}

const std::string& Owners::group(std::uint32_t gid) {
    const auto [known, is_new] = groups_.try_emplace(gid);
    if (is_new) {
        Block block;
        struct group entry {};
        struct group* found = nullptr;
        if (::getgrgid_r(gid, &entry, block.data(), block.size(), &found) == 0 && found)
            known->second = found->gr_name;
    }
    return known->second;
}

}  // namespace mastobak::archive
