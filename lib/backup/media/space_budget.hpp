// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>

#include "config/config.hpp"
#include "core/bytes.hpp"

namespace mastobak::backup {

/// The space that may be used in staging without exceeding staging.max_size or going below
/// staging.min_free.
struct SpaceBudget {
    Bytes used;   ///< size of all files in staging
    Bytes free;   ///< free space on the file system of staging
    Bytes limit;  ///< how much may be added now

    /// Returns what remains of `limit` when `reserve` is set aside.
    Bytes without(Bytes reserve) const {
        return {limit > reserve ? limit.count - reserve.count : 0};
    }
};

/// Computes the space budget. Reads the sizes of all files in staging if it has a size limit.
/// Throws Error{staging}.
SpaceBudget look_for_room(const config::Staging& staging);

/// Checks, while a file is being written, that staging.min_free is respected.
class FreeSpaceGuard {
 public:
    explicit FreeSpaceGuard(config::Staging staging) : staging_(std::move(staging)) {}
    /// \param written bytes so far; the free space is checked every 64 MiB
    /// Throws Error{staging}.
    void check(Bytes written);

 private:
    config::Staging staging_;
    Bytes next_look_;
};

/// Throws an Error{staging} that says how much space is missing and what would help.
/// \param what the beginning of the message: "a dump of a database of 3 GiB needs"
[[noreturn]] void throw_no_room(const config::Config& config, const SpaceBudget& room, Bytes needed,
                                const std::string& what);

}  // namespace mastobak::backup
