// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace mastobak::archive {

/// Names of users and groups, each looked up once. One thread.
class Owners {
 public:
    /// Empty for a number without a name.
    const std::string& user(std::uint32_t uid);
    const std::string& group(std::uint32_t gid);

 private:
    std::unordered_map<std::uint32_t, std::string> users_;
    std::unordered_map<std::uint32_t, std::string> groups_;
};

}  // namespace mastobak::archive
