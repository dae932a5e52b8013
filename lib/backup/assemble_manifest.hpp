// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backup/media/media_passes.hpp"
#include "backup/outage.hpp"
#include "backup/plan.hpp"
#include "config/config.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "postgres/snapshot.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::backup {

/// What the steps of a night have found out, apart from its plan.
struct NightResults {
    std::string set;
    std::string host;
    std::string note{};  ///< text of the person who started the run; may be empty
    Timestamp started_at;
    Timestamp finished_at;
    Timestamp instant;  ///< of the snapshot
    OutageReport outage;
    std::optional<store::BaseReference> base;
    Bytes dump_uncompressed;
    postgres::RowCounts rows;
    std::optional<MediaDescription> media;  ///< nullopt: the media is elsewhere
    store::Reconciliation reconciliation;
    std::vector<std::string> config_files;  ///< members of the archive of the configuration
    std::vector<std::string> warnings;      ///< of all steps, in order
};

/// Assembles the manifest of a set. A pure function. NewSet::publish adds the artifacts.
store::Manifest assemble_manifest(config::ConsistencyMode mode, const Plan& plan,
                                  NightResults results);

/// Returns the name of a mode, as in the manifest.
std::string_view to_string(config::ConsistencyMode mode);

}  // namespace mastobak::backup
