// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/path_order.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace mastobak::media {

int compare_paths(std::string_view a, std::string_view b) {
    // Where two paths first differ, the end of a path sorts first, and '/' before any other byte.
    // A plain comparison of bytes is wrong, because '-' and '.' are smaller than '/'.
    const auto at = [](std::string_view path, std::size_t i) {
        if (i == path.size()) return -2;
        return path[i] == '/' ? -1 : static_cast<int>(static_cast<std::uint8_t>(path[i]));
    };
    // Consecutive paths have long common beginnings, which memcmp(3) skips in strides.
    constexpr std::size_t stride = 16;
    const auto shorter = std::min(a.size(), b.size());
    std::size_t i = 0;
    while (i + stride <= shorter && std::memcmp(a.data() + i, b.data() + i, stride) == 0)
        i += stride;
    while (i < shorter && a[i] == b[i]) ++i;
    return at(a, i) - at(b, i);
}

}  // namespace mastobak::media
