// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace mastobak::media {

/// The place of a member: its pack, and its offset and size there, in bytes.
struct Location {
    std::string pack;
    std::uint64_t offset = 0;
    std::uint64_t stored = 0;

    bool operator==(const Location&) const = default;
};

}  // namespace mastobak::media
