// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "archive/archive_files.hpp"
#include "async/task.hpp"
#include "backup/assemble_manifest.hpp"
#include "backup/database/dump_database.hpp"
#include "backup/hooks.hpp"
#include "backup/media/media_passes.hpp"
#include "backup/media/pack_pipeline.hpp"
#include "backup/outage.hpp"
#include "backup/plan.hpp"
#include "backup/reconcile.hpp"
#include "backup/steps.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/write_watch.hpp"
#include "store/formats/manifest.hpp"
#include "store/new_set.hpp"
#include "store/staging.hpp"
#include "units/stopped_units.hpp"

namespace mastobak::backup {

/// The objects that a run uses. They must outlive the run.
struct Services {
    units::UnitControl& units;
    boost::asio::thread_pool& pool;
    Clock& clock;
    Observer& observer;
    /// journal of the media tree; null: the run walks the tree
    media::ChangeJournal* journal = nullptr;
    /// id of the run, for hooks
    std::string run_id{};
};

/// A run that succeeded.
struct Result {
    store::Manifest manifest;
    std::vector<std::string> down;  ///< stopped units that failed to start again
    std::vector<StepTime> steps;
    /// Number of files that the set lacks and that cause no warning, because an administrator has
    /// acknowledged them.
    std::uint64_t acknowledged = 0;
};

/// How much of a run is rehearsed.
enum class RehearsalOf {
    database,    ///< makes the dump and reads it back, and walks the media
    everything,  ///< also packs the media, for the next run, and compares it with the database. If
                 ///< staging has no room for the media, it is only walked
};

/// Returns the rehearsal that repeats a failed step of a run; nullopt for a step that cannot be
/// rehearsed while Mastodon runs ("stop", "start", "publish").
std::optional<RehearsalOf> rehearsal_of(std::string_view step);

/// A rehearsal that succeeded.
struct Rehearsed {
    std::vector<std::string> warnings{};
    std::vector<std::string> unreachable{};  ///< one line for each unusable remote
    Bytes size{};                            ///< size of the dump and the configuration
    Bytes media{};                           ///< approximate size of all media
    std::vector<StepTime> steps{};
};
/// Returns the path of the file of acknowledged lines of missing-media.txt. It may not exist.
std::filesystem::path acknowledged_media(const config::Config& config);

/// One night: makes and publishes one set. execute() shows the order of the steps; each step is a
/// function.
class Run {
 public:
    /// \param stop is requested in addition to the cancellation of execute(): a cancellation that
    ///        arrives while units are being started would otherwise be lost
    /// \param note text for the manifest; see store::problem_of_note
    Run(Services services, config::Config config, std::stop_token stop, std::string note = {});

    /// Makes and publishes the set. May be called once.
    /// Throws Error. Cancel: starts the units again, removes partial results, then throws
    /// Error{cancelled}.
    async::Task<Result> execute();

    /// Performs, instead of execute(), all steps that are possible while Mastodon runs. It stops no
    /// unit and publishes no set. It removes its results, except packs, which the next run can use.
    /// Throws Error as execute() would. Cancel: as execute().
    async::Task<Rehearsed> rehearse(RehearsalOf what);

    /// Returns the step at which the run failed; empty when it did not fail.
    const std::string& failed_step() const { return steps_.failed(); }
    /// Returns the units that the run stopped and that failed to start again; also after a failed
    /// run.
    const std::vector<std::string>& down() const { return outage_.report().down; }
    /// Returns whether the run began to stop units.
    bool has_stopped() const { return outage_.has_begun(); }

 private:
    using Archive = archive::FilesArchive;
    /// The result of preflight. The run changes none of these afterwards.
    struct Prepared {
        std::shared_ptr<const Plan> plan;
        std::shared_ptr<store::NewSet> set;
        std::shared_ptr<PackPipeline> packs;
        std::shared_ptr<MediaPasses> media;    ///< null when the media is elsewhere
        std::vector<std::string> unreachable;  ///< one line for each remote
    };
    /// All that has to be of one instant, except the media passes.
    struct Frozen {
        std::shared_ptr<postgres::WriteWatch> writes;  ///< null when Mastodon keeps running
        std::shared_ptr<postgres::Snapshot> snapshot;
        Archive configuration;
        NightDump dump;
    };

    async::Task<Frozen> capture(const Prepared& night, const Archive& configuration);
    async::Task<Frozen> quiesced(const Prepared& night, const Archive& configuration);
    async::Task<Frozen> offline(const Prepared& night, const Archive& configuration);
    async::Task<Frozen> live(const Prepared& night, const Archive& configuration);
    async::Task<Frozen> freeze(const Prepared& night, const Archive& configuration);
    async::Task<Frozen> freeze_stopped(const Prepared& night, const Archive& configuration);
    async::Task<Frozen> freeze_stopped_and_dump(const Prepared& night,
                                                const Archive& configuration);
    async::Task<Frozen> while_stopped(async::Task<Frozen> work, std::chrono::seconds limit);
    async::Task<Frozen> between_hooks(async::Task<Frozen> freeze);
    async::Task<> hook(std::string name, config::Hook hook);
    async::Task<> checked_hook(HookRun run);

    async::Task<Prepared> preflight(Timestamp started_at);
    async::Task<> resume_units();
    async::Task<> adopt();
    async::Task<Archive> archive_configuration(const Prepared& night);
    async::Task<Archive> compare_configuration(const Prepared& night, const Archive& configuration);
    async::Task<> pass(const Prepared& night,
                       void (MediaPasses::*passes)(Observer&, std::stop_token));
    async::Task<Frozen> take_snapshot(const Prepared& night);
    async::Task<NightDump> dump_database(const Prepared& night, const Frozen& frozen);
    async::Task<Reconciled> reconcile_media(const Prepared& night, const Frozen& frozen);
    async::Task<Bytes> look_at_media(const Prepared& night);
    void check_freeze_time(const Prepared& night);
    async::Task<> check_still_stopped(const Prepared& night, Frozen& frozen);
    async::Task<postgres::RowCounts> check_dump(const Prepared& night, Frozen& frozen);
    MediaDescription describe_media(const Prepared& night);
    async::Task<store::Manifest> publish(const Prepared& night, NightResults results,
                                         const Archive& configuration);

    void inform(const std::string& text);
    void warn(std::string text);

    Services services_;
    const config::Config config_;
    std::stop_token stop_;
    const std::string note_;
    store::Staging staging_;
    UniqueFd units_lock_;
    UniqueFd staging_lock_;
    Steps steps_;
    Outage outage_;
    std::vector<std::string> warnings_;  ///< so far, for the manifest
};

}  // namespace mastobak::backup
