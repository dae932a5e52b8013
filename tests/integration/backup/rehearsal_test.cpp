// SPDX-License-Identifier: GPL-3.0-or-later
//
// Steps that failed after Mastodon was stopped are rehearsed before it is stopped again; dry runs.
#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>

#include "daemon/jobs/recorded_run.hpp"
#include "daemon/records/history.hpp"
#include "night.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace mastobak::test;
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

/// Runs like the daemon's, with their history.
struct Nights : Night {
    RunRecord perform() {
        return take([this](const backup::Services& services, RunRecord record) {
            return daemon::perform(services, config, std::move(record), stop.get_token(), log);
        });
    }
    RunRecord perform_dry() {
        return take([this](const backup::Services& services, RunRecord record) {
            return daemon::perform_dry(services, config, std::move(record), stop.get_token(), log);
        });
    }
    History history() { return read_history(config.state_directory, clock.now()); }
    bool stopped() const {
        return std::ranges::any_of(units.calls,
                                   [](const auto& call) { return call.starts_with("stop "); });
    }

    void cancel_run() {
        stop.request_stop();
        cancel_.emit(asio::cancellation_type::terminal);
    }

 private:
    template <typename Begin>
    RunRecord take(Begin begin) {
        asio::io_context loop(1);
        units.calls.clear();
        observer.steps.clear();
        const backup::Services services{units, pool, clock, observer};
        RunRecord record;
        asio::co_spawn(loop, begin(services, new_record(clock.now(), "schedule")),
                       asio::bind_cancellation_slot(
                           cancel_.slot(), [&](std::exception_ptr failure, Outcome outcome) {
                               if (failure) std::rethrow_exception(failure);
                               record = std::move(outcome.record);
                           }));
        loop.run();
        return record;
    }

    std::stop_source stop;
    asio::cancellation_signal cancel_;
    SystemClock clock;
    asio::thread_pool pool{2};
    std::shared_ptr<spdlog::logger> log =
        std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::null_sink_mt>());
};

/// A table whose rows cannot be read until it is mended, because its file is moved. Its definition
/// can be dumped.
class UnreadableTable {
 public:
    explicit UnreadableTable(const Night& night) {
        night.sql("CREATE TABLE lost AS SELECT generate_series(1, 1000) AS n");
        night.sql("CHECKPOINT");
        file_ = night.sql(
            "SELECT current_setting('data_directory') || '/' || "
            "pg_relation_filepath('lost')");
        fs::rename(file_, file_ + ".away");
    }
    void mend() const { fs::rename(file_ + ".away", file_); }

 private:
    std::string file_;
};

}  // namespace

TEST_CASE("what failed after the stop fails before it in the nights after, until it is mended") {
    Nights nights;
    const UnreadableTable table(nights);
    const auto first = nights.perform();
    CHECK_FALSE(first.ok());
    CHECK(first.stopped_mastodon);
    CHECK(first.failed_step == "dump");
    CHECK(nights.stopped());
    REQUIRE(nights.history().wasted_stop);
    for (int night = 2; night <= 3; ++night) {
        const auto next = nights.perform();
        INFO(next.error);
        CHECK_FALSE(nights.stopped());
        CHECK_FALSE(next.stopped_mastodon);
        CHECK(next.error_code == "database");
        CHECK(next.failed_step == "dump");
        CHECK(next.error.starts_with("Mastodon was not stopped, because the run would fail"));
        CHECK(next.error.find("pg_dump") != std::string::npos);
        CHECK(retry_at(next, nights.config.schedule));
    }
    CHECK(nights.mastodon_runs());
    CHECK(nights.leftovers().empty());

    table.mend();
    const auto last = nights.perform();
    INFO(last.error);
    CHECK(last.ok());
    CHECK(last.rehearsed);
    CHECK(nights.stopped());
    CHECK(nights.mastodon_runs());
    CHECK_FALSE(nights.history().wasted_stop);
    CHECK(nights.damage().empty());
    CHECK_FALSE(nights.perform().rehearsed);
}

TEST_CASE("a unit that systemd does not let us start is known before the first one is stopped") {
    Nights nights;
    nights.units.units["mastodon-sidekiq.service"].denied = true;
    const auto record = nights.perform();
    CHECK(record.error_code == "units");
    CHECK(record.failed_step == "preflight");
    CHECK(nights.units.calls.empty());
}

TEST_CASE("a freeze that would take longer than it may is known before Mastodon is stopped") {
    Nights nights;
    nights.config.consistency.max_downtime = std::chrono::seconds(0);
    auto wasted = new_record(SystemClock().now());
    wasted.failed_step = "media";
    wasted.stopped_mastodon = true;
    finish(wasted, Error(Errc::units, "it took too long"), wasted.started_at);
    fs::create_directories(nights.config.state_directory);
    auto history = nights.history();
    note(history, wasted);
    write_history(nights.config.state_directory, history);

    const auto record = nights.perform();
    CHECK_FALSE(nights.stopped());
    CHECK(record.error.find("consistency.max_downtime is") != std::string::npos);
    nights.config.consistency.max_downtime = std::chrono::seconds(60);
    CHECK(nights.perform().ok());
    CHECK(nights.damage().empty());
}

TEST_CASE("a dry run does all but the outage and leaves nothing behind") {
    Nights nights;
    const auto record = nights.perform_dry();
    INFO(record.error);
    CHECK(record.ok());
    CHECK(record.size.count > 0);
    CHECK(nights.units.calls.empty());
    CHECK(nights.observer.steps ==
          std::vector<std::string>{"preflight", "configuration", "pre-copy", "snapshot", "compare",
                                   "media", "dump", "index", "reconcile", "check"});
    CHECK(nights.sets().empty());
    CHECK(nights.leftovers().empty());
    CHECK_FALSE(nights.history().last_run);
    CHECK(nights.perform().ok());
    CHECK(nights.damage().empty());
}

TEST_CASE("a dry run fails for what a run would fail for, and for a remote that has gone") {
    Nights nights;
    SECTION("rows") {
        const UnreadableTable table(nights);
        const auto record = nights.perform_dry();
        CHECK(record.error_code == "database");
        CHECK(record.failed_step == "dump");
    }
    SECTION("a remote") {
        config::Remote gone;
        gone.name = "gone";
        gone.type = config::RemoteType::directory;
        gone.target = "/proc/not-there";
        nights.config.offsite.push_back(gone);
        const auto record = nights.perform_dry();
        CHECK(record.error_code == "offsite");
        CHECK(record.error.find("'gone'") != std::string::npos);
    }
    SECTION("a directory of media that leads to nothing") {
        const auto accounts = nights.directory / "live/public/system/accounts";
        fs::rename(accounts, nights.directory / "elsewhere");
        fs::create_directory_symlink("/nowhere", accounts);
        CHECK(nights.perform_dry().error_code == "media");
    }
    SECTION("a freeze behind a symlink, where it has to walk, that is longer than it may be") {
        const auto accounts = nights.directory / "live/public/system/accounts";
        const auto elsewhere = nights.directory / "elsewhere";
        fs::rename(accounts, elsewhere);
        fs::create_directory_symlink(elsewhere, accounts);
        REQUIRE(::chown(elsewhere.c_str(), 990, 990) == 0);
        nights.config.consistency.max_downtime = std::chrono::seconds(0);
        const auto record = nights.perform_dry();
        CHECK(record.error_code == "units");
        CHECK(record.error.find("would take") != std::string::npos);
        CHECK(nights.observer.said("media pass 2 walked the tree"));
    }
    SECTION("somebody who cancels") {
        nights.observer.on_step = [&](const std::string& step) {
            if (step == "dump") nights.cancel_run();
        };
        const auto record = nights.perform_dry();
        CHECK(record.error_code == "cancelled");
    }
    CHECK(nights.sets().empty());
    CHECK(nights.leftovers().empty());
    CHECK(nights.units.calls.empty());
    CHECK(nights.mastodon_runs());
}

TEST_CASE("a dry run does not run hooks, and a run does, also after a failure") {
    Nights nights;
    const auto file = nights.directory / "hooks";
    auto& hooks = nights.config.hooks;
    for (auto* hook : {&hooks.before_run, &hooks.after_run, &hooks.after_failure,
                       &hooks.before_freeze, &hooks.after_freeze})
        hook->command = {"/bin/sh", "-c",
                         "echo $MASTOBAK_EVENT $MASTOBAK_RUN $MASTOBAK_RESULT $MASTOBAK_SET >> $0",
                         file};
    const auto ran = [&] {
        const auto text = fs::exists(file) ? read(file) : std::string();
        fs::remove(file);
        return text;
    };
    const auto dry = nights.perform_dry();
    CHECK(dry.ok());
    CHECK(ran() == "");
    const auto good = nights.perform();
    CHECK(good.ok());
    REQUIRE(good.set);
    CHECK(ran() == fmt::format("before_run {0}\nbefore_freeze {0}\nafter_freeze {0}\n"
                               "after_run {0} success {1}\n",
                               good.id, *good.set));
    nights.observer.on_step = [](const std::string& step) {
        if (step == "preflight") throw Error(Errc::database, "gone");
    };
    const auto bad = nights.perform();
    CHECK(ran() == fmt::format("before_run {0}\nafter_failure {0} failure\nafter_run {0} failure\n",
                               bad.id));

    nights.observer.on_step = nullptr;
    hooks.after_run.command = {"/bin/sh", "-c", "echo full >&2; exit 3"};
    const auto warned = nights.perform();
    CHECK(warned.ok());
    REQUIRE(warned.warnings.size() == 1);
    CHECK(warned.warnings[0] ==
          "the hook after_run ('/bin/sh') failed: exit status 3: full, ignoring");
    hooks.before_run.command = {"/bin/sh", "-c", "echo full >&2; exit 3"};
    const auto stopped = nights.perform();
    CHECK_FALSE(stopped.ok());
    CHECK(stopped.failed_step == "before_run");
    CHECK_FALSE(nights.stopped());
}
