// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
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

/// The services that reading a place needs.
struct Services {
    const config::Config& config;
    Clock& clock;
    /// The directory for packs that are fetched to find their damaged members.
    std::filesystem::path scratch;
    std::function<void(const ReadProgress&)> progress{};
    std::stop_token stop{};
};

/// The result of a slice, or of a verification, at one place.
struct Report {
    std::string place;
    std::size_t objects = 0;  ///< objects that were read
    Bytes bytes;              ///< size of these objects
    /// The number of objects by how they were read: "reading", "md5".
    std::map<std::string, std::size_t> by;
    /// Objects that were not read again, because an interrupted verification had read them.
    std::size_t known = 0;
    std::map<std::string, Damage> damaged;  ///< damaged objects, by name
    /// Objects that could not be read, with the reason.
    std::vector<std::pair<std::string, std::string>> unread;
    std::vector<std::string> foreign;  ///< sets that were not read
    std::string problem;  ///< why the place could not be read any further; empty if it could
    bool complete = true;
};

/// Gives the ledger the objects of an inventory and removes others, except packs if the description
/// of a set is damaged. Such a set gets a damage of its own.
void take_inventory(Ledger& ledger, const Inventory& inventory, Timestamp now);

/// Reads one slice of a place: the most urgent objects, up to the budget of a slice. The ledger
/// records what was read, even if the slice is cancelled. The next slice continues within the
/// object, also in another process.
/// Throws Error{cancelled}, Error{staging}. A remote that does not answer is in the report.
Report scrub_slice(const Services& services, Place& place, std::chrono::seconds period);

/// Reads all objects of these sets, except what an interrupted verification of the last week has
/// read, of whole objects and of the object where it was interrupted.
/// Throws Error{cancelled}, Error{offsite}, Error{staging}.
Report verify_sets(const Services& services, Place& place, const std::vector<std::string>& sets);

/// Records in the ledger what a verification in staging has read, good or damaged, as if the scrub
/// had read it. Ignores a set that this host has not signed. Throws Error{cancelled},
/// Error{staging}.
void note_verified(const Services& services, const store::VerifyReport& verified);

}  // namespace mastobak::scrub
