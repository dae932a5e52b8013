// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "media/index/index.hpp"
#include "postgres/snapshot.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::backup {

/// The previous set. A missing file counts as new when the previous set does not list it.
struct ReconciledBefore {
    std::string set;                     ///< its name
    media::IndexFiles index;             ///< the media index
    std::filesystem::path missing_list;  ///< the missing-media.txt of that set; it may not exist
};

/// What a reconciliation compares the database with.
struct ReconcileOptions {
    media::IndexFiles index;            ///< the complete media index
    std::filesystem::path media_root;   ///< the media directory in its current state
    std::vector<std::string> excluded;  ///< directories of the media that the index excludes
    /// whether files of other servers are checked (media.scope: all)
    bool of_others = false;
    /// whether Mastodon ran between the snapshot and the index
    bool live = false;
    Timestamp instant;  ///< the instant of the snapshot
    /// file to create; not created when no file is missing
    std::filesystem::path missing_list;
    std::optional<ReconciledBefore> before{};  ///< nullopt: no file is reported as new
    /// A file of lines from such lists that an administrator has acknowledged: they cause no
    /// warning. The file may not exist.
    std::filesystem::path acknowledged{};
};

struct Reconciled {
    store::Reconciliation counts;
    std::vector<std::string> warnings;  ///< at most one, which covers all files
    /// number of missing files without a warning, because they are acknowledged
    std::uint64_t acknowledged = 0;
    std::optional<store::Artifact> missing_list;
};

/// Looks up every file that the database names in the media index: the original by path and size,
/// its other styles by path. It merges two sorted streams, in constant memory. Blocks.
///
/// A file that is not in the index is looked up on disk. If it has been on disk unchanged since
/// before the instant, or if the index recorded a wrong size for it, the backup has lost it, and
/// this is an error. All other files were missing before the backup or have changed since (see
/// Absence). Each of these gets a line in the list, and one warning covers them all: it gives their
/// number, how many are new since the previous set, and how to restore one that the previous set
/// has. If only the size in the database row differs, this is a warning, because the index agrees
/// with the disk. Files that an administrator has acknowledged appear in the list and the counts,
/// but cause no warning.
/// \param snapshot must not be used elsewhere during the call
/// Throws Error{media} when the backup has lost files, with the first paths; Error{database},
/// Error{corrupt} for a damaged index, Error{staging}, Error{cancelled}.
Reconciled reconcile(postgres::Snapshot& snapshot, const ReconcileOptions& options,
                     std::stop_token stop);

}  // namespace mastobak::backup
