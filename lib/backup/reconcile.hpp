// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "postgres/snapshot.hpp"
#include "store/manifest.hpp"

namespace mastobak::backup {

/// What a reconciliation compares the database with.
struct ReconcileOptions {
    std::filesystem::path index;         ///< of the media, complete
    std::filesystem::path media_root;    ///< as it is by now
    std::vector<std::string> excluded;   ///< directories of it that the index leaves out
    bool of_others = false;              ///< other servers' files, too (media.scope: all)
    bool live = false;                   ///< Mastodon ran between the snapshot and the index
    Timestamp instant;                   ///< of the snapshot
    std::filesystem::path missing_list;  ///< new; not made when there is nothing to list
};

struct Reconciled {
    store::Reconciliation counts;
    std::vector<std::string> warnings;
    std::optional<store::Artifact> missing_list;
};

/// Looks up every file that the database names in the index of the media: the original by path and
/// size, its further styles by path. One merge of two sorted streams, in constant memory. Blocks.
///
/// What is not in the index is looked for on disk. What is there since before the instant was lost
/// by us; so was a file whose size was noted wrongly. The rest was broken before the backup, or has
/// changed since (see Absence): a warning with the count, and a line in the list each. A size that
/// differs from the row alone is no more than a warning: the index has what the disk had.
/// \param snapshot used by nobody else meanwhile
/// Throws Error{media} when something was lost by us, with the first paths; Error{database},
/// Error{corrupt} for a damaged index, Error{staging}, Error{cancelled}.
Reconciled reconcile(postgres::Snapshot& snapshot, const ReconcileOptions& options,
                     std::stop_token stop);

}  // namespace mastobak::backup
