// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace mastobak::archive {

/// Looks up names of users and groups, each id once. Not thread-safe.
class Owners {
 public:
    /// Both return an empty string for an id without a name.
    const std::string& user(std::uint32_t uid);
    const std::string& group(std::uint32_t gid);

 private:
    std::unordered_map<std::uint32_t, std::string> users_;
    std::unordered_map<std::uint32_t, std::string> groups_;
};

}  // namespace mastobak::archive
