// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "postgres/snapshot.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::backup {

/// The set before, which says what is new.
struct ReconciledBefore {
    std::string set;                     ///< its name
    std::filesystem::path index;         ///< of its media
    std::filesystem::path missing_list;  ///< its own; it need not be there
};

/// What a reconciliation compares the database with.
struct ReconcileOptions {
    std::filesystem::path index;               ///< of the media, complete
    std::filesystem::path media_root;          ///< as it is by now
    std::vector<std::string> excluded;         ///< directories of it that the index leaves out
    bool of_others = false;                    ///< other servers' files, too (media.scope: all)
    bool live = false;                         ///< Mastodon ran between the snapshot and the index
    Timestamp instant;                         ///< of the snapshot
    std::filesystem::path missing_list;        ///< new; not made when there is nothing to list
    std::optional<ReconciledBefore> before{};  ///< nothing: nothing is said to be new
    /// Lines of such lists that an administrator knows of, which are not warned of. It need not be
    /// there.
    std::filesystem::path acknowledged{};
};

struct Reconciled {
    store::Reconciliation counts;
    std::vector<std::string> warnings;  ///< one for all, or none
    std::uint64_t acknowledged = 0;     ///< files that are not warned of, as they are known
    std::optional<store::Artifact> missing_list;
};

/// Looks up every file that the database names in the index of the media: the original by path and
/// size, its further styles by path. One merge of two sorted streams, in constant memory. Blocks.
///
/// What is not in the index is looked for on disk. What is there since before the instant was lost
/// by us; so was a file whose size was noted wrongly. The rest was broken before the backup, or has
/// changed since (see Absence): a line in the list each, and one warning that counts them, says how
/// many are new since the set before, and how one of those comes back that it has. A size that
/// differs from the row alone is only a warning: the index has what the disk had. What an
/// administrator has acknowledged is in the list and in the counts alone.
/// \param snapshot not used by others during the call
/// Throws Error{media} when something was lost by us, with the first paths; Error{database},
/// Error{corrupt} for a damaged index, Error{staging}, Error{cancelled}.
Reconciled reconcile(postgres::Snapshot& snapshot, const ReconcileOptions& options,
                     std::stop_token stop);

}  // namespace mastobak::backup
