// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <utility>

#include "async/run_blocking.hpp"
#include "backup/adopt_remote_set.hpp"
#include "backup/ask_remotes.hpp"
#include "backup/database/check_dump.hpp"
#include "backup/database/fetch_base.hpp"
#include "core/error.hpp"
#include "core/process/accounts.hpp"
#include "postgres/contents/contents_file.hpp"
#include "reconcile/known_missing.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::backup {
namespace {

namespace asio = boost::asio;
using config::ConsistencyMode;

/// `offline` has no limit: Mastodon stays down for the whole backup.
constexpr std::chrono::seconds no_limit = std::chrono::hours(24 * 365);

/// How long preflight waits for the answer of a remote.
constexpr std::chrono::seconds remote_patience{60};

}  // namespace

std::filesystem::path acknowledged_media(const config::Config& config) {
    return config.state_directory / "acknowledged-media.txt";
}

Run::Run(Services services, config::Config config, std::stop_token stop, std::string note)
    : services_(services),
      config_(std::move(config)),
      stop_(std::move(stop)),
      note_(std::move(note)),
      staging_(config_.staging.path),
      steps_(services_.clock, services_.observer),
      outage_(services_.units, config_, services_.clock, services_.observer, steps_, stop_) {}

async::Task<Result> Run::execute() {
    NightResults results;
    results.note = note_;
    results.started_at = services_.clock.now();
    const auto night = co_await steps_.run("preflight", preflight(results.started_at));
    const auto configuration = co_await steps_.run("configuration", archive_configuration(night));
    co_await steps_.run("repack", pass(night, &MediaPasses::repack));
    auto frozen = co_await capture(night, configuration);
    results.outage = outage_.report();
    results.instant = frozen.snapshot->taken_at();
    results.base = frozen.dump.base;
    results.dump_uncompressed = frozen.dump.dump.uncompressed;
    co_await steps_.run("index", pass(night, &MediaPasses::finish));
    auto reconciled = co_await steps_.run("reconcile", reconcile_media(night, frozen));
    results.reconciliation = std::move(reconciled.counts);
    results.rows = co_await steps_.run("check", check_dump(night, frozen));
    auto publishing = publish(night, std::move(results), frozen.configuration);
    auto manifest = co_await steps_.run("publish", std::move(publishing));
    co_return Result{std::move(manifest), outage_.report().down, steps_.times(),
                     reconciled.acknowledged};
}

async::Task<Run::Frozen> Run::capture(const Prepared& night, const Archive& configuration) {
    switch (config_.consistency.mode) {
        case ConsistencyMode::quiesce:
            return quiesced(night, configuration);
        case ConsistencyMode::offline:
            return offline(night, configuration);
        case ConsistencyMode::live:
            break;
    }
    return live(night, configuration);
}

// Mastodon is stopped only for the last small difference in the media.
async::Task<Run::Frozen> Run::quiesced(const Prepared& night, const Archive& configuration) {
    co_await steps_.run("pre-copy", pass(night, &MediaPasses::pre_copy));
    auto frozen = co_await while_stopped(freeze_stopped(night, configuration),
                                         config_.consistency.max_downtime);
    frozen.dump = co_await steps_.run("dump", dump_database(night, frozen));
    co_return frozen;
}

// Mastodon is stopped for the whole backup.
async::Task<Run::Frozen> Run::offline(const Prepared& night, const Archive& configuration) {
    return while_stopped(freeze_stopped_and_dump(night, configuration), no_limit);
}

// The database comes first, because Mastodon writes a file before the row that names it, and
// removes the file after the row.
async::Task<Run::Frozen> Run::live(const Prepared& night, const Archive& configuration) {
    auto work = freeze(night, configuration);
    auto frozen = co_await between_hooks(std::move(work));
    frozen.dump = co_await steps_.run("dump", dump_database(night, frozen));
    co_return frozen;
}

async::Task<Run::Frozen> Run::freeze(const Prepared& night, const Archive& configuration) {
    auto frozen = co_await steps_.run("snapshot", take_snapshot(night));
    auto compare = compare_configuration(night, configuration);
    frozen.configuration = co_await steps_.run("compare", std::move(compare));
    co_await steps_.run("media", pass(night, &MediaPasses::freeze));
    co_return frozen;
}

// Changes after the last media pass do not affect the set.
async::Task<Run::Frozen> Run::freeze_stopped(const Prepared& night, const Archive& configuration) {
    auto frozen = co_await freeze(night, configuration);
    co_await steps_.run("look", check_still_stopped(night, frozen));
    co_return frozen;
}

async::Task<Run::Frozen> Run::freeze_stopped_and_dump(const Prepared& night,
                                                      const Archive& configuration) {
    auto frozen = co_await freeze_stopped(night, configuration);
    frozen.dump = co_await steps_.run("dump", dump_database(night, frozen));
    co_return frozen;
}

async::Task<Run::Frozen> Run::while_stopped(async::Task<Frozen> work, std::chrono::seconds limit) {
    auto outage = outage_.during(std::move(work), limit);
    auto frozen = co_await between_hooks(std::move(outage));
    const auto& warnings = outage_.report().warnings;
    warnings_.insert(warnings_.end(), warnings.begin(), warnings.end());
    co_return frozen;
}

async::Task<Run::Prepared> Run::preflight(Timestamp started_at) {
    Prepared night;
    units_lock_ = lock_units(config_);
    // This comes before any access to staging, whose disk may hang.
    co_await resume_units();
    staging_.prepare();
    staging_lock_ = store::lock(staging_);
    if (const auto removed = staging_.clean(); !removed.empty())
        warn(fmt::format("removed what an interrupted run had left: {}", fmt::join(removed, ", ")));
    co_await adopt();
    const auto keys = store::make_keys(config_.state_directory, staging_);
    auto made = co_await make_plan(config_, services_.units, services_.pool);
    night.plan = std::make_shared<const Plan>(std::move(made));
    const auto& plan = *night.plan;
    for (const auto& warning : plan.warnings) warn(warning);
    for (const auto& note : plan.notes) inform(note);
    night.unreachable = co_await ask_remotes(config_, services_.pool, remote_patience);
    for (const auto& warning : night.unreachable) warn(warning);
    if (!plan.fits && night.unreachable.size() == config_.offsite.size())
        throw Error(Errc::offsite,
                    fmt::format("the media does not fit into '{}', and no remote that it could go "
                                "to can be used: {}",
                                config_.staging.path.native(), night.unreachable.front()),
                    "repair the remote, or make room");

    night.packs =
        std::make_shared<PackPipeline>(config_, plan.dump_size, !plan.fits, services_.clock);
    // Two runs within one second must not give their packs the same names.
    while (staging_.has_name(to_set_name(started_at))) started_at += std::chrono::seconds(1);
    night.set = std::make_shared<store::NewSet>(staging_, to_set_name(started_at));
    if (keys.own) night.set->sign_with(*keys.own);
    if (plan.media_root.empty())
        night.packs->discard_resumed();
    else
        night.media =
            std::make_shared<MediaPasses>(config_, plan, *night.set, *night.packs, plan.previous,
                                          services_.journal, services_.clock);
    inform(fmt::format("plan set={} mode={} database={} size='{}' server={} media={} units={}",
                       night.set->name(), to_string(config_.consistency.mode),
                       plan.database.database, mastobak::to_string(plan.facts.size),
                       plan.facts.server_version_text,
                       plan.media_root.empty() ? "elsewhere" : plan.media_root.native(),
                       std::count_if(plan.units.begin(), plan.units.end(),
                                     [](const auto& unit) { return unit.active(); })));
    co_return night;
}

// Without the daemon, only the next run starts the orphaned units.
async::Task<> Run::resume_units() {
    const auto resumed = co_await units::resume(services_.units, record_of(config_),
                                                stop_options(config_), services_.clock);
    for (const auto& unit : resumed.started)
        warn(fmt::format("'{}' had been left stopped by a run that died: started", unit));
    for (const auto& warning : resumed.warnings) warn(warning);
    for (const auto& unit : resumed.down)
        services_.observer.message(
            Severity::critical,
            fmt::format("'{}' was stopped by a run that died and does not start; hint: systemctl "
                        "status {}",
                        unit, unit));
}

// On a new machine, the run continues from the newest set of a remote. On any machine, it needs the
// index of the newest set.
async::Task<> Run::adopt() {
    auto work = [config = config_, now = services_.clock.now()](std::stop_token stop) {
        std::vector<std::string> warnings;
        auto taken = adopt_remote_set(config, now, warnings, stop);
        heal_index_base(config, warnings, stop);
        return std::pair(std::move(taken), std::move(warnings));
    };
    auto [taken, warnings] = co_await async::run_blocking(services_.pool, std::move(work));
    for (auto& warning : warnings) warn(std::move(warning));
    if (!taken) co_return;
    inform(fmt::format("staging was empty: continues from set={} of host='{}' at remote={}",
                       taken->manifest.set, taken->manifest.host, taken->remote));
}

async::Task<Run::Archive> Run::archive_configuration(const Prepared& night) {
    auto work = [files = night.plan->files,
                 file = night.set->directory() / store::configuration_archive](
                    std::stop_token stop) { return archive::archive_files(files, file, stop); };
    co_return co_await async::run_blocking(services_.pool, std::move(work));
}

// The archive was made while Mastodon ran. Its files must be unchanged at the set's instant.
async::Task<Run::Archive> Run::compare_configuration(const Prepared& night,
                                                     const Archive& configuration) {
    auto work = [configuration](std::stop_token) { return archive::is_unchanged(configuration); };
    const bool unchanged = co_await async::run_blocking(services_.pool, std::move(work));
    if (unchanged) co_return configuration;
    inform("the configuration has changed: archived again");
    std::filesystem::remove(night.set->directory() / store::configuration_archive);
    co_return co_await archive_configuration(night);
}

async::Task<> Run::pass(const Prepared& night,
                        void (MediaPasses::*passes)(Observer&, std::stop_token)) {
    if (!night.media) co_return;
    async::BlockingWork work = [passes, media = night.media,
                                observer = std::ref(services_.observer)](std::stop_token stop) {
        ((*media).*passes)(observer, std::move(stop));
    };
    co_await async::run_blocking(services_.pool, std::move(work));
}

async::Task<Run::Frozen> Run::take_snapshot(const Prepared& night) {
    auto work = [plan = night.plan, limit = config_.database.lock_timeout,
                 live = config_.consistency.mode == ConsistencyMode::live](std::stop_token stop) {
        Frozen frozen;
        if (!live) frozen.writes = std::make_shared<postgres::WriteWatch>(plan->database, stop);
        frozen.snapshot =
            std::make_shared<postgres::Snapshot>(plan->database, std::move(stop), limit);
        return frozen;
    };
    co_return co_await async::run_blocking(services_.pool, std::move(work));
}

async::Task<> Run::check_still_stopped(const Prepared& night, Frozen& frozen) {
    co_await outage_.check_units();
    auto look = [writes = std::exchange(frozen.writes, nullptr),
                 own = frozen.snapshot->connection().backend_pid()](std::stop_token stop) {
        return writes->writers(own, std::move(stop));
    };
    const auto writers = co_await async::run_blocking(services_.pool, std::move(look));
    outage_.note_writers(writers, night.plan->database.user);
}

async::Task<NightDump> Run::dump_database(const Prepared& night, const Frozen& frozen) {
    auto work = [plan = night.plan, config = config_, snapshot = frozen.snapshot->id(),
                 set = night.set, now = services_.clock.now(),
                 observer = std::ref(services_.observer)](std::stop_token stop) {
        const auto progress = [observer](const postgres::DumpProgress& done) {
            observer.get().progress(done.fraction, done.table);
        };
        return backup::dump_database(config, *plan, snapshot, *set, now, progress, stop);
    };
    auto dump = co_await async::run_blocking(services_.pool, std::move(work));
    inform(dump.note);
    for (const auto& warning : dump.warnings) warn(warning);
    for (const auto& file : dump.files) night.set->add(file);
    if (const auto& contents = dump.dump.contents) {
        const auto file = night.set->directory() / postgres::contents_name;
        const auto written = postgres::write_contents(file, *contents);
        night.set->add({postgres::contents_name, written.size, written.sha256});
    }
    co_return dump;
}

// Looks up in the index whether the set has each file that the database names.
async::Task<Reconciled> Run::reconcile_media(const Prepared& night, const Frozen& frozen) {
    if (!night.media) co_return Reconciled{};
    const auto& plan = *night.plan;
    ReconcileOptions options;
    auto take = [media = night.media](std::stop_token stop) { return media->take_index(stop); };
    options.index = co_await async::run_blocking(services_.pool, std::move(take));
    options.media_root = plan.media_root;
    options.excluded = plan.excluded;
    options.of_others = config_.media.scope == config::MediaScope::all;
    options.live = !outage_.report().consistent;
    options.instant = frozen.snapshot->taken_at();
    options.missing_list = night.set->directory() / reconcile::missing_list_name;
    options.acknowledged = acknowledged_media(config_);
    if (plan.previous)
        options.before =
            ReconciledBefore{plan.previous->set, plan.previous->index,
                             staging_.set(plan.previous->set) / reconcile::missing_list_name};
    auto work = [options, media = night.media, snapshot = frozen.snapshot](std::stop_token stop) {
        try {
            return reconcile(*snapshot, options, std::move(stop));
        } catch (const Error& error) {
            if (error.code() == Errc::media) media->distrust_journal();
            throw;
        }
    };
    auto reconciled = co_await async::run_blocking(services_.pool, std::move(work));
    if (reconciled.missing_list) night.set->add(std::move(*reconciled.missing_list));
    for (auto& warning : reconciled.warnings) warn(std::move(warning));
    co_return reconciled;
}

// pg_dump can exit with status 0 after an incomplete dump. Therefore the dump is read back, and
// compared with the snapshot and with pg_dump's output. Then the snapshot is not needed any more.
async::Task<postgres::RowCounts> Run::check_dump(const Prepared& night, Frozen& frozen) {
    auto work = [plan = night.plan, snapshot = std::exchange(frozen.snapshot, nullptr),
                 stored = frozen.dump.stored,
                 contents = frozen.dump.dump.contents](std::stop_token stop) mutable {
        return backup::check_dump(std::move(snapshot), stored, plan->tools, contents, stop);
    };
    auto checked = co_await async::run_blocking(services_.pool, std::move(work));
    for (auto& warning : checked.warnings) warn(std::move(warning));
    co_return std::move(checked.rows);
}

MediaDescription Run::describe_media(const Prepared& night) {
    auto description = night.media->describe();
    for (const auto& warning : night.media->warnings()) warn(warning);
    for (const auto& warning : night.packs->warnings()) warn(warning);
    for (const auto& note : night.media->notes()) inform(note);
    return description;
}

async::Task<store::Manifest> Run::publish(const Prepared& night, NightResults results,
                                          const Archive& configuration) {
    night.set->add({store::configuration_archive, configuration.size, configuration.sha256});
    for (const auto& warning : configuration.warnings) warn(warning);
    if (night.media) results.media = describe_media(night);
    results.set = night.set->name();
    results.host = host_name();
    results.config_files = configuration.members;
    results.warnings = warnings_;
    results.finished_at = services_.clock.now();
    // From here only the stop token ends the step, and only before the set is published: a run with
    // a published set has succeeded.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    auto work = [set = night.set, packs = night.packs, stop = stop_,
                 manifest = assemble_manifest(config_.consistency.mode, *night.plan,
                                              std::move(results))](std::stop_token) {
        packs->end();
        return set->publish(manifest, stop);
    };
    auto manifest = co_await async::run_blocking(services_.pool, std::move(work));
    if (!night.media) co_return manifest;
    night.media->published();
    async::BlockingWork remember = [media = night.media, stop = stop_,
                                    index = staging_.index(manifest)](std::stop_token) {
        media->remember_contents(index, stop);
    };
    co_await async::run_blocking(services_.pool, std::move(remember));
    co_return manifest;
}

void Run::inform(const std::string& text) {
    services_.observer.message(Severity::info, text);
}

void Run::warn(std::string text) {
    services_.observer.message(Severity::warning, text);
    warnings_.push_back(std::move(text));
}

}  // namespace mastobak::backup
