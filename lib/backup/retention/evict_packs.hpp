// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <stop_token>

#include "config/config.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"

namespace mastobak::backup {

/// Packs that were removed here.
struct SentAway {
    std::size_t packs = 0;
    Bytes freed;
};

/// Where the configuration says so (staging.keep_packs: false), removes the packs here that every
/// remote of the configuration is known to have, and notes where they are. Without remotes it
/// removes nothing. Only for who holds the lock of staging.
/// Throws Error{staging}, Error{cancelled}.
SentAway send_away_packs(const config::Config& config, Timestamp now, std::stop_token stop);

}  // namespace mastobak::backup
