// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "async/run_blocking.hpp"
#include "backup/adopt_remote_set.hpp"
#include "backup/ask_remotes.hpp"
#include "backup/check_dump.hpp"
#include "backup/look_at_database.hpp"
#include "backup/reconcile.hpp"
#include "backup/version.hpp"
#include "core/error.hpp"
#include "core/readable.hpp"
#include "postgres/contents/contents_file.hpp"
#include "reconcile/known_missing.hpp"
#include "store/formats/signature.hpp"
#include "store/new_set.hpp"

namespace mastobak::backup {
namespace {

namespace asio = boost::asio;
using config::ConsistencyMode;

/// `offline` has no limit: Mastodon stays down for the whole backup.
constexpr std::chrono::seconds no_limit = std::chrono::hours(24 * 365);

/// How long preflight waits for the answer of a remote.
constexpr std::chrono::seconds remote_patience{60};

constexpr auto configuration_archive = "config.tar.zst";

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string_view to_string(ConsistencyMode mode) {
    switch (mode) {
        case ConsistencyMode::quiesce:
            return "quiesce";
        case ConsistencyMode::offline:
            return "offline";
        case ConsistencyMode::live:
            return "live";
    }
    return "quiesce";
}

}  // namespace

std::filesystem::path acknowledged_media(const config::Config& config) {
    return config.state_directory / "acknowledged-media.txt";
}

Run::Run(Services services, config::Config config, std::stop_token stop)
    : services_(services),
      config_(std::move(config)),
      stop_(std::move(stop)),
      staging_(config_.staging.path) {}

async::Task<Result> Run::execute() {
    manifest_.started_at = services_.clock.now();
    co_await step("preflight", preflight());
    co_await step("configuration", archive_configuration());
    co_await step("repack", repack_media());
    switch (config_.consistency.mode) {
        case ConsistencyMode::quiesce:
            co_await quiesced();
            break;
        case ConsistencyMode::offline:
            co_await offline();
            break;
        case ConsistencyMode::live:
            co_await live();
            break;
    }
    co_await step("index", finish_media());
    co_await step("reconcile", reconcile_media());
    co_await step("check", check_dump());
    co_await step("publish", publish());
    co_return Result{std::move(manifest_), std::move(down_), std::move(steps_), acknowledged_};
}

// Mastodon is stopped only for the last small difference in the media.
async::Task<> Run::quiesced() {
    co_await step("pre-copy", pre_copy_media());
    auto work = freeze_stopped();
    co_await while_stopped(std::move(work), config_.consistency.max_downtime);
    co_await step("dump", dump_database());
}

// Mastodon is stopped for the whole backup.
async::Task<> Run::offline() {
    auto work = freeze_stopped_and_dump();
    co_await while_stopped(std::move(work), no_limit);
}

// The database comes first, because Mastodon writes a file before the row that names it, and
// removes the file after the row.
async::Task<> Run::live() {
    co_await freeze();
    co_await step("dump", dump_database());
}

async::Task<> Run::freeze() {
    co_await step("snapshot", take_snapshot());
    co_await step("compare", compare_configuration());
    co_await step("media", copy_media());
}

// Changes after the last media pass do not affect the set.
async::Task<> Run::freeze_stopped() {
    co_await freeze();
    co_await step("look", check_still_stopped());
}

async::Task<> Run::freeze_stopped_and_dump() {
    co_await freeze_stopped();
    co_await step("dump", dump_database());
}

async::Task<> Run::preflight() {
    units_lock_ = lock_units(config_);
    // This comes before any access to staging, whose disk may hang.
    co_await resume_units();
    staging_.prepare();
    staging_lock_ = store::lock(staging_);
    if (const auto removed = staging_.clean(); !removed.empty())
        warn(fmt::format("removed what an interrupted run had left: {}", fmt::join(removed, ", ")));
    co_await adopt();
    const auto keys = store::make_keys(config_.state_directory, staging_);
    plan_ = co_await make_plan(config_, services_.units, services_.pool);
    for (const auto& warning : plan_.warnings) warn(warning);
    for (const auto& note : plan_.notes) services_.observer.message(Severity::info, note);
    unreachable_ = co_await ask_remotes(config_, services_.pool, remote_patience);
    for (const auto& warning : unreachable_) warn(warning);
    if (!plan_.fits && unreachable_.size() == config_.offsite.size())
        throw Error(Errc::offsite,
                    fmt::format("the media does not fit into '{}', and no remote that it could go "
                                "to can be used: {}",
                                config_.staging.path.native(), unreachable_.front()),
                    "repair the remote, or make room");

    packs_ = std::make_unique<PackPipeline>(config_, plan_.dump_size, !plan_.fits, services_.clock);
    // Two runs within one second must not give their packs the same names.
    auto time = manifest_.started_at;
    while (staging_.has_name(to_set_name(time))) time += std::chrono::seconds(1);
    set_ = std::make_unique<store::NewSet>(staging_, to_set_name(time));
    if (keys.own) set_->sign_with(*keys.own);
    if (plan_.media_root.empty())
        packs_->discard_resumed();
    else
        media_ = std::make_unique<MediaPasses>(config_, plan_, *set_, *packs_, plan_.previous,
                                               services_.journal, services_.clock);
    services_.observer.message(
        Severity::info,
        fmt::format("plan set={} mode={} database={} size='{}' server={} media={} units={}",
                    set_->name(), to_string(config_.consistency.mode), plan_.database.database,
                    mastobak::to_string(plan_.facts.size), plan_.facts.server_version_text,
                    plan_.media_root.empty() ? "elsewhere" : plan_.media_root.native(),
                    std::count_if(plan_.units.begin(), plan_.units.end(),
                                  [](const auto& unit) { return unit.active(); })));
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

// On a new machine, the run continues from the newest set of a remote.
async::Task<> Run::adopt() {
    std::vector<std::string> warnings;
    std::optional<AdoptedSet> taken;
    async::BlockingWork work = [&, this](std::stop_token stop) {
        taken = adopt_remote_set(config_, services_.clock.now(), warnings, std::move(stop));
    };
    co_await async::run_blocking(services_.pool, std::move(work));
    for (auto& warning : warnings) warn(std::move(warning));
    if (!taken) co_return;
    services_.observer.message(
        Severity::info,
        fmt::format("staging was empty: continues from set={} of host='{}' at remote={}",
                    taken->manifest.set, taken->manifest.host, taken->remote));
}

async::Task<> Run::archive_configuration() {
    auto work = [files = plan_.files, file = set_->directory() / configuration_archive](
                    std::stop_token stop) { return archive::archive_files(files, file, stop); };
    configuration_ = co_await async::run_blocking(services_.pool, std::move(work));
}

// The archive was made while Mastodon ran. Its files must be unchanged at the set's instant.
async::Task<> Run::compare_configuration() {
    auto work = [this](std::stop_token) { return archive::is_unchanged(configuration_); };
    const bool unchanged = co_await async::run_blocking(services_.pool, std::move(work));
    if (unchanged) co_return;
    services_.observer.message(Severity::info, "the configuration has changed: archived again");
    std::filesystem::remove(set_->directory() / configuration_archive);
    co_await archive_configuration();
}

async::Task<> Run::repack_media() {
    if (!media_) co_return;
    async::BlockingWork work = [this](std::stop_token stop) {
        media_->repack(services_.observer, std::move(stop));
    };
    co_await async::run_blocking(services_.pool, std::move(work));
}

async::Task<> Run::pre_copy_media() {
    if (!media_) co_return;
    async::BlockingWork work = [this](std::stop_token stop) {
        media_->pre_copy(services_.observer, std::move(stop));
    };
    co_await async::run_blocking(services_.pool, std::move(work));
}

async::Task<> Run::copy_media() {
    if (!media_) co_return;
    async::BlockingWork work = [this](std::stop_token stop) {
        media_->freeze(services_.observer, std::move(stop));
    };
    co_await async::run_blocking(services_.pool, std::move(work));
}

async::Task<> Run::finish_media() {
    if (!media_) co_return;
    async::BlockingWork work = [this](std::stop_token stop) {
        media_->finish(services_.observer, std::move(stop));
    };
    co_await async::run_blocking(services_.pool, std::move(work));
}

async::Task<> Run::take_snapshot() {
    async::BlockingWork work = [this](std::stop_token stop) {
        if (config_.consistency.mode != ConsistencyMode::live)
            writes_ = std::make_unique<postgres::WriteWatch>(plan_.database, stop);
        snapshot_ = std::make_unique<postgres::Snapshot>(plan_.database, std::move(stop),
                                                         config_.database.lock_timeout);
    };
    co_await async::run_blocking(services_.pool, std::move(work));
    manifest_.instant = snapshot_->taken_at();
}

async::Task<> Run::dump_database() {
    auto work = [this](std::stop_token stop) {
        auto options = dump_options(config_);
        options.on_bytes = [reserve = FreeSpaceGuard(config_.staging)](Bytes written) mutable {
            reserve.check(written);
        };
        const auto progress = [this](const postgres::DumpProgress& done) {
            services_.observer.progress(done.fraction, done.table);
        };
        return postgres::dump(plan_.database, plan_.tools, snapshot_->id(),
                              set_->directory() / "database.dump.zst", options, progress, stop);
    };
    auto dump = co_await async::run_blocking(services_.pool, std::move(work));
    dump_size_ = dump.size;
    set_->add({"database.dump.zst", dump.size, dump.sha256});
    contents_ = std::move(dump.contents);
    if (contents_) {
        const auto file = set_->directory() / postgres::contents_name;
        const auto written = postgres::write_contents(file, *contents_);
        set_->add({postgres::contents_name, written.size, written.sha256});
    }
    manifest_.database.dump_uncompressed = dump.uncompressed;
}

// Looks up in the index whether the set has each file that the database names.
async::Task<> Run::reconcile_media() {
    if (!media_) co_return;
    ReconcileOptions options;
    options.index = media_->take_index();
    options.media_root = plan_.media_root;
    options.excluded = plan_.excluded;
    options.of_others = config_.media.scope == config::MediaScope::all;
    options.live = !manifest_.consistent;
    options.instant = manifest_.instant;
    options.missing_list = set_->directory() / reconcile::missing_list_name;
    options.acknowledged = acknowledged_media(config_);
    if (plan_.previous)
        options.before =
            ReconciledBefore{plan_.previous->set, plan_.previous->index,
                             plan_.previous->index.parent_path() / reconcile::missing_list_name};
    auto work = [this, options](std::stop_token stop) {
        try {
            return reconcile(*snapshot_, options, std::move(stop));
        } catch (const Error& error) {
            if (error.code() == Errc::media) media_->distrust_journal();
            throw;
        }
    };
    auto reconciled = co_await async::run_blocking(services_.pool, std::move(work));
    manifest_.reconciliation = std::move(reconciled.counts);
    acknowledged_ = reconciled.acknowledged;
    if (reconciled.missing_list) set_->add(std::move(*reconciled.missing_list));
    for (auto& warning : reconciled.warnings) warn(std::move(warning));
}

// pg_dump can exit with status 0 after an incomplete dump. Therefore the dump is read back, and
// compared with the snapshot and with pg_dump's output.
async::Task<> Run::check_dump() {
    std::vector<std::string> warnings;
    async::BlockingWork work = [this, &warnings](std::stop_token stop) {
        auto checked = backup::check_dump(snapshot_, set_->directory() / "database.dump.zst",
                                          plan_.tools, contents_, stop);
        manifest_.database.rows = std::move(checked.rows);
        warnings = std::move(checked.warnings);
    };
    co_await async::run_blocking(services_.pool, std::move(work));
    for (auto& warning : warnings) warn(std::move(warning));
}

async::Task<> Run::publish() {
    manifest_.set = set_->name();
    manifest_.host = host_name();
    manifest_.mastobak_version = version;
    manifest_.mode = to_string(config_.consistency.mode);
    auto& database = manifest_.database;
    database.name = plan_.database.database;
    database.server_version = plan_.facts.server_version_text;
    database.schema_version = plan_.facts.schema_version;
    database.encoding = plan_.facts.encoding;
    database.collation = plan_.facts.collation;
    database.ctype = plan_.facts.ctype;
    database.locale_provider = plan_.facts.locale_provider;
    database.locale = plan_.facts.locale;
    database.owner = plan_.facts.owner;
    database.mastodon_role = mastodon::database_settings(plan_.instance.environment).user;
    database.roles = plan_.recorded.roles;
    database.settings = plan_.recorded.settings;
    database.pg_dump_version = plan_.tools.version;
    database.size = plan_.facts.size;
    for (const auto& [name, number] : plan_.facts.extensions)
        database.extensions.push_back(name + " " + number);
    database.tablespaces = plan_.facts.tablespaces;
    set_->add({configuration_archive, configuration_.size, configuration_.sha256});
    manifest_.config_files = configuration_.members;
    for (const auto& warning : configuration_.warnings) warn(warning);
    manifest_.media.elsewhere = !media_;
    if (media_) {
        media_->describe(manifest_);
        for (const auto& warning : media_->warnings()) warn(warning);
        for (const auto& warning : packs_->warnings()) warn(warning);
        for (const auto& note : media_->notes()) services_.observer.message(Severity::info, note);
    }
    manifest_.finished_at = services_.clock.now();
    // From here only the stop token ends the step, and only before the set is published: a run with
    // a published set has succeeded.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    async::BlockingWork work = [this](std::stop_token) {
        packs_->end();
        manifest_ = set_->publish(manifest_, stop_);
    };
    co_await async::run_blocking(services_.pool, std::move(work));
    if (!media_) co_return;
    media_->published();
    async::BlockingWork remember = [this](std::stop_token) {
        media_->remember_contents(staging_.set(set_->name()), stop_);
    };
    co_await async::run_blocking(services_.pool, std::move(remember));
}

async::Task<> Run::step(std::string name, async::Task<> work) {
    const auto begun = services_.clock.steady();
    try {
        services_.observer.step(name);
        co_await std::move(work);
    } catch (...) {
        if (failed_step_.empty()) failed_step_ = name;
        throw;
    }
    steps_.push_back({std::move(name), services_.clock.steady() - begun});
}

void Run::warn(std::string text) {
    services_.observer.message(Severity::warning, text);
    manifest_.warnings.push_back(std::move(text));
}

}  // namespace mastobak::backup
