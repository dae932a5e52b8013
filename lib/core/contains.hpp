// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

namespace mastobak {

/// Returns whether a list contains a value.
template <typename List, typename Value>
requires requires(const List& list, const Value& value) {
    std::ranges::find(list, value);
}
bool contains(const List& list, const Value& value) {
    return std::ranges::find(list, value) != std::ranges::end(list);
}

}  // namespace mastobak
