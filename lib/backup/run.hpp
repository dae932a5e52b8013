// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "archive/archive_files.hpp"
#include "async/job.hpp"
#include "async/task.hpp"
#include "backup/media/media_passes.hpp"
#include "backup/media/pack_pipeline.hpp"
#include "backup/observer.hpp"
#include "backup/plan.hpp"
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
};

/// One step of a run and how long it took.
struct StepTime {
    std::string name;
    std::chrono::nanoseconds took{0};
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
    Run(Services services, config::Config config, std::stop_token stop);

    /// Makes and publishes the set. May be called once.
    /// Throws Error. Cancel: starts the units again, removes partial results, then throws
    /// Error{cancelled}.
    async::Task<Result> execute();

    /// Performs, instead of execute(), all steps that are possible while Mastodon runs. It stops no
    /// unit and publishes no set. It removes its results, except packs, which the next run can use.
    /// Throws Error as execute() would. Cancel: as execute().
    async::Task<Rehearsed> rehearse(RehearsalOf what);

    /// Returns the step at which the run failed; empty when it did not fail.
    const std::string& failed_step() const { return failed_step_; }
    /// Returns the units that the run stopped and that failed to start again; also after a failed
    /// run.
    const std::vector<std::string>& down() const { return down_; }
    /// Returns whether the run began to stop units.
    bool has_stopped() const { return down_since_ != std::chrono::steady_clock::time_point{}; }

 private:
    async::Task<> quiesced();
    async::Task<> offline();
    async::Task<> live();

    async::Task<> preflight();
    async::Task<> resume_units();
    async::Task<> adopt();
    async::Task<> archive_configuration();
    async::Task<> compare_configuration();
    async::Task<> repack_media();
    async::Task<> pre_copy_media();
    async::Task<> copy_media();
    async::Task<> finish_media();
    async::Task<> take_snapshot();
    async::Task<> dump_database();
    async::Task<> reconcile_media();
    async::Task<> look_at_media();
    void check_freeze_time();
    async::Task<> check_dump();
    async::Task<> publish();

    async::Task<> freeze();
    async::Task<> freeze_stopped();
    async::Task<> freeze_stopped_and_dump();
    async::Task<> while_stopped(async::Task<> work, std::chrono::seconds limit);
    async::Task<> stop_and(units::StoppedUnits& stopped, async::Task<> work);
    async::Task<> leave(async::Job<>& outage);
    async::Task<> quiet(units::StoppedUnits& stopped);
    async::Task<> wait_until_all_healthy();
    async::Task<> wait_until_healthy(std::string part, std::optional<config::HttpUrl> url);
    async::Task<> check_still_stopped();
    async::Task<> check_units();
    async::Task<> check_writers();
    void note_start(const units::StartReport& report);

    async::Task<> step(std::string name, async::Task<> work);
    void warn(std::string text);

    Services services_;
    const config::Config config_;
    std::stop_token stop_;
    store::Staging staging_;
    UniqueFd units_lock_;
    UniqueFd staging_lock_;
    Plan plan_;
    std::unique_ptr<store::NewSet> set_;
    archive::FilesArchive configuration_;
    std::unique_ptr<postgres::Snapshot> snapshot_;
    std::unique_ptr<PackPipeline> packs_;
    /// from just before the snapshot until check_writers()
    std::unique_ptr<postgres::WriteWatch> writes_;
    std::unique_ptr<MediaPasses> media_;
    std::chrono::steady_clock::time_point down_since_;
    std::chrono::steady_clock::time_point stopped_since_;  ///< since when all units were stopped
    store::Manifest manifest_;
    std::vector<StepTime> steps_;
    std::string failed_step_;
    Bytes dump_size_;
    std::optional<postgres::Contents> contents_;  ///< contents of the dumped database
    std::vector<std::string> unreachable_;        ///< one line for each remote
    std::uint64_t acknowledged_ = 0;
    std::vector<std::string> down_;
};

}  // namespace mastobak::backup
