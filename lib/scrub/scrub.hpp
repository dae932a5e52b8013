// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "scrub/ledger.hpp"
#include "scrub/place.hpp"
#include "scrub/read_objects.hpp"
#include "store/verify.hpp"

namespace mastobak::scrub {

/// What reading and noting need beside the place.
struct Services {
    const config::Config& config;
    Clock& clock;
    std::filesystem::path scratch;  ///< for what is fetched to name its damage
    std::function<void(const ReadProgress&)> progress{};
    std::stop_token stop{};
};

/// What a slice, or a verification, came to at one place.
struct Report {
    std::string place;
    std::size_t objects = 0;                ///< that were read
    Bytes bytes;                            ///< of these
    std::map<std::string, std::size_t> by;  ///< how many were read how: "reading", "md5"
    std::size_t known = 0;  ///< objects of these sets that an interrupted verification had read
    std::map<std::string, Damage> damaged;                    ///< that are damaged, by object
    std::vector<std::pair<std::string, std::string>> unread;  ///< by object, why
    std::vector<std::string> foreign;                         ///< sets that were not looked at
    std::string problem;  ///< why the place could not be read any further; empty: it could
    bool complete = true;
};

/// Makes the ledger have the objects of an inventory, and no others but those of sets whose
/// description is damaged; these get a damage of their own.
void take_inventory(Ledger& ledger, const Inventory& inventory, Timestamp now);

/// One slice of the scrub of a place: the most urgent objects, up to the budget of a slice. The
/// ledger has what was read, also of a slice that is cancelled.
/// \param partial kept between the slices of one process
/// Throws Error{cancelled}, Error{staging}; a remote that does not answer is in the report.
Report scrub_slice(const Services& services, Place& place, std::chrono::seconds period,
                   std::optional<Partial>& partial);

/// Reads all objects of these sets. What an attempt that was interrupted within the last week has
/// read is not read again.
/// Throws Error{cancelled}, Error{offsite}, Error{staging}.
Report verify_sets(const Services& services, Place& place, const std::vector<std::string>& sets);

/// Notes what a verification in staging has read, whole or damaged, as if the scrub had read it. A
/// set that is not ours is left out. Throws Error{cancelled}, Error{staging}.
void note_verified(const Services& services, const store::VerifyReport& verified);

}  // namespace mastobak::scrub
