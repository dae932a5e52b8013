// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mastobak::config {

/// Returns the candidate with the smallest edit distance (a character inserted, removed, replaced,
/// or swapped with its neighbour); empty when no candidate is similar enough.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace mastobak::config
