// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdint>

#include "media/index.hpp"

namespace mastobak::media {

int compare_paths(std::string_view a, std::string_view b) {
    // Where two paths first differ, the end of a component sorts before any byte: as if '/' were
    // the smallest of them, which bytewise comparison gets wrong ('-' and '.' are smaller).
    const auto at = [](std::string_view path, std::size_t i) {
        if (i == path.size()) return -2;
        return path[i] == '/' ? -1 : static_cast<int>(static_cast<std::uint8_t>(path[i]));
    };
    const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto i = static_cast<std::size_t>(in_a - a.begin());
    return at(a, i) - at(b, i);
}

}  // namespace mastobak::media
