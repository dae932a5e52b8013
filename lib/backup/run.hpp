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

/// What a run works with; all of it outlives the run.
struct Services {
    units::UnitControl& units;
    boost::asio::thread_pool& pool;
    Clock& clock;
    Observer& observer;
    media::ChangeJournal* journal = nullptr;  ///< of the media tree; null: it is walked
};

/// One step of a run and how long it took.
struct StepTime {
    std::string name;
    std::chrono::nanoseconds took{0};
};

/// A run that succeeded.
struct Result {
    store::Manifest manifest;
    std::vector<std::string> down;  ///< units that were stopped and do not start again
    std::vector<StepTime> steps;
    /// Files that the set lacks and that are not warned of, as an administrator knows of them.
    std::uint64_t acknowledged = 0;
};

/// How much of a run is rehearsed.
enum class RehearsalOf {
    database,    ///< the dump is made and read back, the media is walked
    everything,  ///< the media is copied and looked up, too; what was packed is there for the next
                 ///< run. Where staging has no room for it, it is walked
};

/// The rehearsal in which what failed at that step of a run fails again; nothing for a step that
/// cannot be rehearsed while Mastodon runs ("stop", "start", "publish").
std::optional<RehearsalOf> rehearsal_of(std::string_view step);

/// A rehearsal that succeeded.
struct Rehearsed {
    std::vector<std::string> warnings{};
    std::vector<std::string> unreachable{};  ///< a line for each remote that cannot be used
    Bytes size{};                            ///< of the dump and the configuration
    Bytes media{};                           ///< all of it, nearly
    std::vector<StepTime> steps{};
};
/// Lines of a missing-media.txt that an administrator has acknowledged; it need not be there.
std::filesystem::path acknowledged_media(const config::Config& config);

/// One night: makes and publishes one set. execute() is the story; each step is a function.
class Run {
 public:
    /// \param stop requested beside the cancellation of execute(): a cancellation that comes while
    ///        the units are being started would be lost otherwise
    Run(Services services, config::Config config, std::stop_token stop);

    /// Makes the set. May be called once.
    /// Throws Error. Cancel: the units are started again, leftovers are removed, then throws
    /// Error{cancelled}.
    async::Task<Result> execute();

    /// Does, instead of execute(), all of it that can be done while Mastodon runs and without a set
    /// in the end: nothing is stopped, and what was made is removed but for packs.
    /// Throws Error as the run would. Cancel: as execute().
    async::Task<Rehearsed> rehearse(RehearsalOf what);

    /// The step at which it failed; empty if it did not.
    const std::string& failed_step() const { return failed_step_; }
    /// Units that it has stopped and that do not start again; also of a run that failed.
    const std::vector<std::string>& down() const { return down_; }
    /// Whether it began to stop units.
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
    std::unique_ptr<postgres::WriteWatch> writes_;  ///< from just before the snapshot to the look
    std::unique_ptr<MediaPasses> media_;
    std::chrono::steady_clock::time_point down_since_;
    std::chrono::steady_clock::time_point stopped_since_;  ///< all of them
    store::Manifest manifest_;
    std::vector<StepTime> steps_;
    std::string failed_step_;
    Bytes dump_size_;
    std::optional<postgres::Contents> contents_;  ///< of the dump
    std::vector<std::string> unreachable_;        ///< remotes: a line each
    std::uint64_t acknowledged_ = 0;
    std::vector<std::string> down_;
};

}  // namespace mastobak::backup
