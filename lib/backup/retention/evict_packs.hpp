// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <stop_token>

#include "config/config.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"

namespace mastobak::backup {

/// Packs that were removed from staging.
struct EvictedPacks {
    std::size_t packs = 0;
    Bytes freed;
};

/// Evicts packs: if the configuration has staging.keep_packs: false, removes from staging the packs
/// that every configured remote has, and records their location. Without remotes it removes
/// nothing. The caller must hold the lock of staging.
/// Throws Error{staging}, Error{cancelled}.
EvictedPacks evict_packs(const config::Config& config, Timestamp now, std::stop_token stop);

}  // namespace mastobak::backup
