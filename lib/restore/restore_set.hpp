// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mastodon/database_settings.hpp"
#include "mastodon/instance.hpp"
#include "postgres/restore/restore.hpp"
#include "restore/restore_config.hpp"
#include "restore/source/set_source.hpp"
#include "restore/tree/restore_media.hpp"

namespace mastobak::restore {

/// Which parts of a set are restored, and where to.
struct SetOptions {
    struct Database {
        std::string name;
        postgres::Settings server{};  ///< connects as a role that may create roles and databases
        /// A database of that name that is not empty is renamed, not refused.
        bool replace = false;
        bool blank_remote = false;  ///< whether to run mastodon::blank_remote_files
    };
    struct Media {
        std::filesystem::path target;
        Selection selection{};
        std::optional<Owner> owner{};  ///< instead of the owners in the index
    };
    struct Configuration {
        std::filesystem::path target;  ///< directory for files that are not restored in place
        /// Files are restored to their original paths; a file that is replaced there is kept.
        bool in_place = false;
        /// Which paths (without the leading '/') may be restored in place. When empty, all of them.
        std::function<bool(const std::string&)> may_be_in_place{};
    };
    /// Mastodon's user on this host. Media and configuration files of the set's Mastodon user
    /// belong to this user after the restore, and so does a media root that is created.
    std::optional<Owner> mastodon{};
    std::optional<Database> database{};
    std::optional<Media> media{};
    std::optional<Configuration> configuration{};
    /// A directory for the decompressed dump, which the database's user can traverse.
    std::filesystem::path scratch{};
    unsigned jobs = 2;
    std::filesystem::path bin_directory{};  ///< directory of pg_restore; empty: Debian's directory
};

/// How far a restore has come.
struct SetProgress {
    std::string step{};    ///< "fetch", "database", "media", "configuration"
    double fraction = -1;  ///< part of the step that is done, 0 to 1; negative: unknown
    std::string detail{};
};
/// Called by one thread at a time; must not throw.
using OnSetProgress = std::function<void(const SetProgress&)>;

/// The result of restoring a set.
struct SetReport {
    std::optional<postgres::RestoredDatabase> database{};
    std::vector<std::string> roles_made{};  ///< created roles of the owner and of Mastodon
    /// The database settings in the set's `.env.production`; empty if the set has none.
    std::optional<mastodon::DatabaseSettings> settings_in_set{};
    std::uint64_t rows_blanked = 0;  ///< rows whose remote files Mastodon fetches again
    std::optional<MediaReport> media{};
    std::optional<ConfigReport> configuration{};  ///< files in place and in the other directory
    /// Mastodon's user on this host and, in `instead_of`, the owner in the set that it replaced;
    /// empty if both have the same numbers.
    std::optional<Owner> replaced_owner{};
    Bytes fetched{};  ///< over the network

    /// Returns how many files are not as they were.
    std::uint64_t problems() const;
};

/// Detects errors while Mastodon still runs: a server that is too old or has no
/// pg_restore, a database that already exists, a target that cannot be opened. Changes nothing.
/// Throws as postgres::restore_database does, and Error{environment} for a target.
void check_target(const store::Manifest& manifest, const SetOptions& options, std::stop_token stop);

/// Fetches the dump and decompresses it into the scratch directory, if the database is wanted. This
/// takes long, and can be done before units are stopped. restore_set() uses the result, or does the
/// same itself.
/// Throws as SetSource does, and Error{environment} when the scratch directory has no room.
void prepare_dump(SetSource& source, const store::Manifest& manifest, const SetOptions& options,
                  const OnSetProgress& progress, std::stop_token stop);

/// Restores the parts of a set: first the database, because it is all or nothing, then media, then
/// configuration. After a failure or a cancellation, the same call continues: media that are
/// already there are not written again.
/// Throws the errors of postgres::restore_database, restore_media and restore_config.
SetReport restore_set(SetSource& source, const store::Manifest& manifest, const SetOptions& options,
                      const OnSetProgress& progress, std::stop_token stop);

}  // namespace mastobak::restore
