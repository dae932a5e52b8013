// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "scrub/place.hpp"

namespace mastobak::scrub {

/// An object of which a part was read: the next slice continues there, in the same process.
struct Partial {
    std::string name;
    Digest sha256;
    std::uint64_t done = 0;
    Sha256 hash;
};

struct ReadProgress {
    std::string object;
    std::size_t objects = 0;  ///< that were looked at
    std::size_t of_objects = 0;
    Bytes bytes;  ///< of what was looked at, and of this object so far
    Bytes of_bytes;
};

/// What reading came to.
struct ReadResult {
    std::size_t objects = 0;  ///< that were looked at
    Bytes bytes;              ///< of these, and of what was begun
    /// Objects that the place did not give, though it has them: by name, why.
    std::vector<std::pair<std::string, std::string>> unread;
    std::string problem;   ///< why the place could not be read any further; empty: it could
    bool complete = true;  ///< all that was asked for was looked at, or is among `unread`
};

struct ReadOptions {
    std::optional<Bytes> budget{};  ///< how much is read at most; nothing: all
    std::function<void(const ReadProgress&)> progress{};
    /// Called for each object that was looked at.
    std::function<void(const std::string& name, const Wanted& wanted, const Finding& finding)>
        found{};
};

/// Looks at objects of a place in that order: by its own hash where that proves the same, else by
/// reading all of it. Every byte counts for the budget, also those that the place reads itself.
/// \param partial where an earlier call has left off; kept for the next one
/// Throws Error{cancelled}. A place that does not answer ends it: see ReadResult.
ReadResult read_objects(Place& place, const std::vector<std::pair<std::string, Wanted>>& objects,
                        const ReadOptions& options, std::optional<Partial>& partial,
                        const std::stop_token& stop);

}  // namespace mastobak::scrub
