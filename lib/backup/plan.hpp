// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "backup/database_settings.hpp"
#include "config/config.hpp"
#include "core/unique_fd.hpp"
#include "mastodon/instance.hpp"
#include "media/tree/followed_links.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/dump/recorded.hpp"
#include "postgres/inspect.hpp"
#include "postgres/snapshot.hpp"
#include "store/formats/manifest.hpp"
#include "units/stopped_units.hpp"
#include "units/unit_control.hpp"

namespace mastobak::backup {

/// The last set's media, where the next one continues.
struct PreviousMedia {
    std::string set;
    std::filesystem::path index;
    Digest index_sha256;
    std::vector<store::PackReference> packs;
    Timestamp finished_at;  ///< of its run
    std::vector<std::string> excluded;
    Bytes bytes;
    Bytes excluded_bytes;
    /// The change journal does not hear of what is behind them.
    std::vector<media::FollowedLink> followed_links;
};

/// What preflight found out: everything that a run needs to know before it touches anything.
struct Plan {
    mastodon::Instance instance;
    postgres::Settings database;
    postgres::DatabaseFacts facts;
    postgres::Recorded recorded;
    postgres::Tools tools;
    std::filesystem::path media_root;          ///< empty: media is elsewhere
    std::vector<uid_t> media_owners;           ///< whose it has to be; empty: media.path names it
    std::vector<std::string> excluded;         ///< directories of the media root that are left out
    Bytes media_size;                          ///< nearly: as of the last set, or a first look
    std::optional<PreviousMedia> previous;     ///< nothing: all media is new
    Bytes dump_size;                           ///< at most, nearly
    bool fits = true;                          ///< all of it, into staging
    std::vector<std::filesystem::path> files;  ///< that go into config.tar.zst
    std::vector<units::Unit> units;            ///< that match mastodon.units, whatever their state
    std::vector<std::string> warnings;
    std::vector<std::string> notes;  ///< what an admin may want to know, and need not mend
};

/// Looks at the whole host and finds out whether a backup can be made.
/// Throws Error{environment|config|units|database|media} for the first reason why not.
async::Task<Plan> make_plan(const config::Config& config, units::UnitControl& control,
                            boost::asio::thread_pool& pool);

/// Where the units that are stopped are recorded.
units::Record record_of(const config::Config& config);
/// Held by the run in progress, by whichever process, in the runtime directory: who starts units
/// again must not depend on a staging directory whose disk may hang.
/// Throws Error{busy} when another process holds it, Error{units}.
UniqueFd lock_units(const config::Config& config);
/// Whether the run that holds that lock has been killed, and hangs in the kernel (lock_file.hpp):
/// it starts no unit any more.
bool run_is_killed(const config::Config& config);
/// How units are stopped and started, as the configuration says.
units::StopOptions stop_options(const config::Config& config);

/// What systemd knows of the unit that runs Mastodon's web server, where its environment is
/// defined.
async::Task<mastodon::UnitFacts> unit_facts(units::UnitControl& control,
                                            const std::vector<units::Unit>& units);

/// The media directory, or nothing when the configuration says that it is handled elsewhere.
/// Throws Error{media} when it is in an object store and the configuration does not say so.
std::filesystem::path media_root(const config::Config& config, const mastodon::Instance& instance);

/// Whose the media directory has to be: Mastodon's own settings, which its user may write, name it.
/// \return nothing where the configuration names it
std::vector<uid_t> media_owners(const config::Config& config, const mastodon::Instance& instance);

/// Throws Error{config} that names the secrets which `.env.production` lacks, or those that cannot
/// be what they have to be.
/// \param otp_needed as mastodon::missing_secrets has it
void check_secrets(const config::Config& config, const mastodon::Instance& instance,
                   const postgres::DatabaseFacts& facts, bool otp_needed);

/// The newest set in staging whose media index (of the same tree) is as it was written and whose
/// packs are all there, or at a remote of the configuration. Reads the index once.
/// \param warnings get a line for each damaged set that was passed over
std::optional<PreviousMedia> previous_media(const config::Config& config,
                                            const std::filesystem::path& root,
                                            std::vector<std::string>& warnings);

}  // namespace mastobak::backup
