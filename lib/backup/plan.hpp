// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "config/config.hpp"
#include "core/files/unique_fd.hpp"
#include "mastodon/instance.hpp"
#include "media/index/index.hpp"
#include "media/tree/followed_links.hpp"
#include "media/tree/tree_size.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/inspect.hpp"
#include "store/formats/manifest.hpp"
#include "units/stopped_units.hpp"
#include "units/unit_control.hpp"

namespace mastobak::backup {

/// The media of the newest usable set, from which the next set continues.
struct PreviousMedia {
    std::string set;
    media::IndexFiles index;
    Digest index_sha256;  ///< identifies the index: see StoredIndex
    /// The base of the index, from which the next index can be stored as changes. It is intact.
    std::optional<store::Artifact> index_base;
    std::filesystem::path index_parts;  ///< the list of the parts of that base
    std::vector<store::PackReference> packs;
    Timestamp finished_at;  ///< end of the run that made the set
    std::vector<std::string> excluded;
    Bytes bytes;
    Bytes excluded_bytes;
    /// The change journal does not report changes behind these symlinks.
    std::vector<media::FollowedLink> followed_links;
};

/// The result of preflight: everything that a run needs to know before it changes anything.
struct Plan {
    mastodon::Instance instance;
    postgres::Settings database;
    postgres::DatabaseFacts facts;
    postgres::Recorded recorded;
    postgres::Tools tools;
    std::filesystem::path media_root;  ///< empty when the media is not on this host
    std::vector<uid_t> media_owners;   ///< permitted owners; empty when `media.path` is set
    /// directories of the media root that are not backed up
    std::vector<std::string> excluded;
    Bytes media_size;  ///< an estimate, from the last set or from `media`
    /// The media that the first set will have; recent is what was modified in the last week.
    /// nullopt: there is no media on this host, or a previous set
    std::optional<media::TreeSize> media;
    std::optional<PreviousMedia> previous;     ///< nullopt: all media is new
    Bytes dump_size;                           ///< an estimated upper limit
    bool fits = true;                          ///< whether the set fits into staging
    std::vector<std::filesystem::path> files;  ///< the files for config.tar.zst
    std::vector<units::Unit> units;            ///< units that match mastodon.units, in any state
    std::vector<std::string> warnings;
    std::vector<std::string> notes;  ///< information for the admin that needs no action
};

/// Examines the whole host and decides whether a backup can be made.
/// Throws Error{environment|config|units|database|media} for the first obstacle.
async::Task<Plan> make_plan(const config::Config& config, units::UnitControl& control,
                            boost::asio::thread_pool& pool);

/// Returns the record of stopped units.
units::Record record_of(const config::Config& config);
/// The file that lock_units() locks.
std::filesystem::path units_lock_file(const config::Config& config);
/// Takes the lock that a run holds while it is in progress, in whichever process. The lock is in
/// the runtime directory and not in staging, because the disk of staging may hang, and starting
/// units again must not depend on it.
/// Throws Error{busy} when another process holds it, Error{units}.
UniqueFd lock_units(const config::Config& config);
/// Returns whether the process that holds this lock was killed but still hangs in the kernel (see
/// lock_file.hpp). Such a process does not start its units again.
bool run_is_killed(const config::Config& config);
/// Returns the options for stopping and starting units, from the configuration.
units::StopOptions stop_options(const config::Config& config);

/// Returns the media directory; an empty path when the configuration says that the media is handled
/// elsewhere.
/// Throws Error{media} when the media is in an object store and the configuration does not say so.
std::filesystem::path media_root(const config::Config& config, const mastodon::Instance& instance);

/// Checks that the path of the media has no control characters.
/// Throws Error{media}.
void check_media_name(const std::filesystem::path& root);

/// Returns the users who may own the media directory. The check is needed because the path comes
/// from Mastodon's settings, which Mastodon's user may write.
/// \return an empty list when the configuration sets the path
std::vector<uid_t> media_owners(const config::Config& config, const mastodon::Instance& instance);

/// Checks the secrets in `.env.production`.
/// \param otp_needed see mastodon::missing_secrets
/// Throws Error{config} that names the secrets that are missing or malformed.
void check_secrets(const config::Config& config, const mastodon::Instance& instance,
                   const postgres::DatabaseFacts& facts, bool otp_needed);

/// Returns the media of the newest set in staging that is usable as a base: its media index is
/// undamaged and of the same tree, and each pack is in staging or at a configured remote. Reads the
/// index once.
/// \param warnings receives a line for each damaged set that was skipped
std::optional<PreviousMedia> previous_media(const config::Config& config,
                                            const std::filesystem::path& root,
                                            std::vector<std::string>& warnings);

}  // namespace mastobak::backup
