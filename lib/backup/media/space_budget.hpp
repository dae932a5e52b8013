// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>

#include "config/config.hpp"
#include "core/bytes.hpp"

namespace mastobak::backup {

/// What may be written to staging: within staging.max_size, and without staging.min_free.
struct SpaceBudget {
    Bytes used;   ///< by all that is in it
    Bytes free;   ///< on its file system
    Bytes limit;  ///< of what may be added now

    /// What is left of it when that much is kept for something else.
    Bytes without(Bytes reserve) const {
        return {limit > reserve ? limit.count - reserve.count : 0};
    }
};

/// Looks at the files in staging, if it has a limit, and at the file system.
/// Throws Error{staging}.
SpaceBudget look_for_room(const config::Staging& staging);

/// Looks from time to time whether something that is being written leaves staging.min_free alone.
class FreeSpaceGuard {
 public:
    explicit FreeSpaceGuard(config::Staging staging) : staging_(std::move(staging)) {}
    /// \param written so far: every 64 MiB of it there is a look
    /// Throws Error{staging}.
    void check(Bytes written);

 private:
    config::Staging staging_;
    Bytes next_look_;
};

/// Throws the Error{staging} that says that this much does not fit, and what would help.
/// \param what that needs it: "a dump of a database of 3 GiB needs"
[[noreturn]] void throw_no_room(const config::Config& config, const SpaceBudget& room, Bytes needed,
                                const std::string& what);

}  // namespace mastobak::backup
