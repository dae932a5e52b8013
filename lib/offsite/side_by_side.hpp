// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "async/task.hpp"

namespace mastobak::offsite {

/// Runs tasks at the same time and waits for the end of all of them. When one throws, the others
/// are cancelled, and what the first one threw is thrown.
/// Cancel: cancels all of them, waits for their end, throws Error{cancelled}.
async::Task<> side_by_side(std::vector<async::Task<>> tasks);

}  // namespace mastobak::offsite
