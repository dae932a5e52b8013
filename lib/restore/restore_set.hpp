// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

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
        postgres::Settings server{};  ///< as a role that may make roles and databases
        bool replace = false;         ///< rename one of that name that is not empty
        bool blank_remote = false;    ///< mastodon::blank_remote_files
    };
    struct Media {
        std::filesystem::path target;
        Selection selection{};
        std::optional<Owner> owner{};  ///< instead of those in the index
    };
    struct Configuration {
        std::filesystem::path target;  ///< for what is not wanted in place
        bool in_place = false;         ///< where it was; what is replaced there is kept
        /// What may go in place (without the leading '/'); nothing: all.
        std::function<bool(const std::string&)> may_be_in_place{};
    };
    /// Mastodon's user on this host: media and configuration files belong to it that belong to the
    /// set's Mastodon, and so does a media root that has to be made.
    std::optional<Owner> mastodon{};
    std::optional<Database> database{};
    std::optional<Media> media{};
    std::optional<Configuration> configuration{};
    /// A directory that the database's user can go through, for the decompressed dump.
    std::filesystem::path scratch{};
    unsigned jobs = 2;
    std::filesystem::path bin_directory{};  ///< of pg_restore; empty: where Debian has it
};

struct SetProgress {
    std::string step{};    ///< "fetch", "database", "media", "configuration"
    double fraction = -1;  ///< of the step, 0 to 1; negative: unknown
    std::string detail{};
};
/// One thread at a time; must not throw.
using OnSetProgress = std::function<void(const SetProgress&)>;

struct SetReport {
    std::optional<postgres::RestoredDatabase> database{};
    std::vector<std::string> roles_made{};  ///< the owner's and Mastodon's, if they were missing
    /// The database's settings in the set's `.env.production`; nothing where it has none.
    std::optional<mastodon::DatabaseSettings> settings_in_set{};
    std::uint64_t rows_blanked = 0;  ///< whose files Mastodon fetches again
    std::optional<MediaReport> media{};
    std::optional<ConfigReport> configuration{};  ///< in place, too
    /// Whose number in the set was replaced by that of Mastodon's user here.
    std::optional<Owner> replaced_owner{};
    Bytes fetched{};  ///< over a network

    /// Files that are not what they were.
    std::uint64_t problems() const;
};

/// What would be refused, as far as it can be known while Mastodon is still at work: a server that
/// is too old or has no pg_restore, a database that is there already. Touches nothing.
/// Throws as postgres::restore_database does.
void check_target(const store::Manifest& manifest, const SetOptions& options, std::stop_token stop);

/// Fetches the dump and decompresses it into the scratch directory, when the database is wanted:
/// what takes long and needs no unit stopped. restore_set uses it, or does the same.
/// Throws as SetSource does, and Error{environment} when the scratch directory has no room.
void prepare_dump(SetSource& source, const store::Manifest& manifest, const SetOptions& options,
                  const OnSetProgress& progress, std::stop_token stop);

/// Restores the parts of a set: the database first, as it is all or nothing, then media, then
/// configuration. After a failure or a stop the same call continues: media that is there is not
/// written again.
/// Throws as postgres::restore_database, restore_media and restore_config do.
SetReport restore_set(SetSource& source, const store::Manifest& manifest, const SetOptions& options,
                      const OnSetProgress& progress, std::stop_token stop);

}  // namespace mastobak::restore
