// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "scrub/ledger.hpp"
#include "scrub/place.hpp"

namespace mastobak::scrub {

/// The objects that were partly read, by name.
using Partials = std::map<std::string, Partial>;

/// How far reading has come.
struct ReadProgress {
    std::string object;
    std::size_t objects = 0;     ///< objects that were checked
    std::size_t of_objects = 0;  ///< all objects
    Bytes bytes;                 ///< size of the checked objects, and of the current one so far
    Bytes of_bytes;              ///< size of all objects
};

/// The result of reading objects.
struct ReadResult {
    std::size_t objects = 0;  ///< objects that were checked
    Bytes bytes;              ///< bytes read of these, and of the object that was begun
    /// Objects that the place has, but that could not be read: name and reason.
    std::vector<std::pair<std::string, std::string>> unread;
    std::string problem;  ///< why the place could not be read any further; empty if it could
    /// Whether all objects were checked or are in `unread`.
    bool complete = true;
};

struct ReadOptions {
    /// The time for new Partials.
    Timestamp now;
    /// The largest number of bytes to read; nullopt: everything is read.
    std::optional<Bytes> budget{};
    std::function<void(const ReadProgress&)> progress{};
    /// Called for each object that was checked.
    std::function<void(const std::string& name, const Wanted& wanted, const Finding& finding)>
        found{};
    /// Called when a part of an object was read, also for a part that ends in an error. A Partial of
    /// 0 bytes means that the object has to be read again from its beginning.
    std::function<void(const std::string& name, const Wanted& wanted, const Partial& partial)>
        began{};
};

/// Checks objects of a place in the given order: by the place's own hash if it proves the same,
/// otherwise by reading all bytes. All bytes count for the budget, also those that the place reads
/// itself. If an object differs that an earlier call has begun to read, it is read a second time
/// before that counts, because it may have been replaced in the meantime.
/// \param partials objects that an earlier call, perhaps of another process, has read partly;
///        updated for the next call
/// Throws Error{cancelled}. When the place does not answer, reading ends with ReadResult::problem.
ReadResult read_objects(Place& place, const std::vector<std::pair<std::string, Wanted>>& objects,
                        const ReadOptions& options, Partials& partials,
                        const std::stop_token& stop);

}  // namespace mastobak::scrub
