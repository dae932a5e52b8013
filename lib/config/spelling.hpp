// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mastobak::config {

/// The candidate that was probably meant: the nearest one by edits (a character inserted,
/// removed, replaced, or swapped with its neighbour), if it is near. Empty if none is.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace mastobak::config
