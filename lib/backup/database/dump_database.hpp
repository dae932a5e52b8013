// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backup/plan.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "dumps/read_dump.hpp"
#include "postgres/dump/dump.hpp"
#include "store/formats/manifest.hpp"
#include "store/new_set.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {

/// The base that the next dump can be a difference from.
struct ChosenBase {
    std::optional<store::BaseReference> base{};  ///< nullopt: the dump is stored whole
    std::string why{};                           ///< why it is stored whole; empty otherwise
};

/// Chooses the base of the newest set, unless it is missing, damaged or too old, or the differences
/// from it have become too large, or `database.deltas` is false.
/// \param now start of the run
/// Throws Error{staging}.
ChosenBase choose_base(const config::Config& config, const store::Staging& staging, Timestamp now);

/// The dump of a run.
struct NightDump {
    postgres::Dump dump{};
    dumps::StoredDump stored{};            ///< its files, before publication
    store::BaseReference base{};           ///< the new or earlier base
    std::vector<store::Artifact> files{};  ///< the difference and its list; empty if there is none
    std::vector<std::string> warnings{};
    std::string note{};  ///< how the dump is stored, for the journal

    /// Returns the size of the new files.
    Bytes size() const;
};

/// Dumps the database of a snapshot into the files of a new set: as a difference from the base that
/// choose_base() returns, or as a new base. If the earlier base turns out to be damaged, dumps the
/// same snapshot again, as a new base.
/// \param now      start of the run
/// \param progress as for postgres::dump()
/// Throws the errors of postgres::dump().
NightDump dump_database(const config::Config& config, const Plan& plan, const std::string& snapshot,
                        const store::NewSet& set, Timestamp now,
                        const std::function<void(const postgres::DumpProgress&)>& progress,
                        const std::stop_token& stop);

}  // namespace mastobak::backup
