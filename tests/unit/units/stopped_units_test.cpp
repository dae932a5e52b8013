// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/stopped_units.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <optional>

#include "async/run_sync.hpp"
#include "async/timers.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_units.hpp"
#include "support/run_on.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using Names = std::vector<std::string>;

namespace {

constexpr auto web = "mastodon-web.service";
constexpr auto sidekiq = "mastodon-sidekiq.service";
constexpr auto shim = "mastodon-streaming.service";
constexpr auto at_4000 = "mastodon-streaming@4000.service";
constexpr auto at_4001 = "mastodon-streaming@4001.service";

/// A Mastodon whose units all run, except one that an admin has stopped.
struct Mastodon {
    TemporaryDirectory directory;
    FakeClock clock;
    FakeUnitControl systemd;
    units::StopOptions options{
        .patterns = {web, "mastodon-streaming*.service", "mastodon-sidekiq*.service"},
        .stop_timeout = 2s,
        .start_timeout = 5s,
        .start_attempts = 3,
        .retry_pause = 1ms};
    units::Record record{directory / "stopped-units"};
    Names events;

    Mastodon() {
        for (const auto* name : {web, sidekiq, shim}) systemd.units[name] = {};
        for (const auto* name : {at_4000, at_4001}) systemd.units[name] = {.part_of = shim};
        systemd.units["mastodon-sidekiq-mailers.service"] = {.state = "inactive"};
        systemd.units["nginx.service"] = {};
    }

    units::StoppedUnits stopped_units() {
        return {systemd, record, options, clock,
                [this](const std::string& e) { events.push_back(e); }};
    }
    Names active_of_mastodon() const {
        auto names = systemd.active();
        std::erase(names, "nginx.service");
        return names;
    }
};

const Names all{sidekiq, shim, at_4000, at_4001, web};  // sorted
const Names in_order_of_stopping{web, shim, at_4000, at_4001, sidekiq};

Names calls_of(const FakeUnitControl& systemd, const std::string& verb) {
    Names names;
    for (const auto& call : systemd.calls)
        if (call.starts_with(verb + " ")) names.push_back(call.substr(verb.size() + 1));
    return names;
}

void stop(units::StoppedUnits& stopped) {
    async::run_sync(stopped.stop());
}
units::StartReport start(units::StoppedUnits& stopped) {
    return async::run_sync(stopped.start());
}

}  // namespace

TEST_CASE("exactly the units that ran are stopped, and started again in reverse order") {
    Mastodon mastodon;
    auto stopped = mastodon.stopped_units();
    stop(stopped);
    CHECK(mastodon.systemd.active() == Names{"nginx.service"});
    CHECK(stopped.names() == in_order_of_stopping);
    CHECK(calls_of(mastodon.systemd, "stop") == in_order_of_stopping);
    CHECK(mastodon.record.read() == in_order_of_stopping);

    mastodon.clock.advance(7s);
    const auto report = start(stopped);
    CHECK(calls_of(mastodon.systemd, "start") == Names{sidekiq, at_4001, at_4000, shim, web});
    CHECK(mastodon.active_of_mastodon() == all);
    CHECK(report.down.empty());
    CHECK(report.warnings.empty());
    REQUIRE(report.downtime.size() == 5);
    CHECK(std::all_of(report.downtime.begin(), report.downtime.end(),
                      [](const units::UnitDowntime& d) { return d.down == 7s; }));
    CHECK_FALSE(std::filesystem::exists(mastodon.record.file()));
}

TEST_CASE("what is about to be stopped is on the disk before it is") {
    Mastodon mastodon;
    int checked = 0;
    mastodon.systemd.before = [&](const std::string& call) {
        if (!call.starts_with("stop ")) return;
        const auto recorded = mastodon.record.read();
        CHECK(std::find(recorded.begin(), recorded.end(), call.substr(5)) != recorded.end());
        // An instance is stopped with its shim, before its turn. An admin starts the others.
        const auto found = std::find(recorded.begin(), recorded.end(), at_4001);
        CHECK((found != recorded.end()) == (call != std::string("stop ") + web));
        ++checked;
    };
    auto stopped = mastodon.stopped_units();
    stop(stopped);
    CHECK(checked == 5);
    start(stopped);
}

TEST_CASE("nothing is stopped when the record cannot be written") {
    Mastodon mastodon;
    write(mastodon.directory / "file", "");
    mastodon.record = units::Record(mastodon.directory / "file/record");
    auto stopped = mastodon.stopped_units();
    CHECK_THROWS_AS(stop(stopped), Error);
    CHECK(mastodon.active_of_mastodon() == all);
    CHECK(calls_of(mastodon.systemd, "stop").empty());
}

TEST_CASE("nothing happens where nothing runs") {
    Mastodon mastodon;
    for (auto& [name, unit] : mastodon.systemd.units) unit.state = "inactive";
    auto stopped = mastodon.stopped_units();
    stop(stopped);
    start(stopped);
    CHECK(mastodon.systemd.calls.empty());
    CHECK_FALSE(std::filesystem::exists(mastodon.record.file()));
}

TEST_CASE("when one unit does not stop, those before it run again") {
    Mastodon mastodon;
    SECTION("its job fails") {
        mastodon.systemd.units[sidekiq].stops_to_fail = 100;
    }
    SECTION("it hangs") {
        mastodon.options.stop_timeout = 1s;
        mastodon.systemd.units[sidekiq].hangs = true;
    }
    SECTION("systemd is shutting down") {
        mastodon.systemd.units[sidekiq].refuses = true;
    }
    auto stopped = mastodon.stopped_units();
    try {
        stop(stopped);
        FAIL("stopped");
    } catch (const Error& e) {
        CHECK(e.code() == Errc::units);
        CHECK(e.text().find(sidekiq) != std::string::npos);
    }
    const auto report = start(stopped);
    CHECK(mastodon.active_of_mastodon() == all);
    CHECK(report.down.empty());
    CHECK(report.warnings.empty());
    CHECK(report.downtime.size() == 4);
    CHECK_FALSE(std::filesystem::exists(mastodon.record.file()));
}

TEST_CASE("a stop that is cancelled in the middle leaves a start that works") {
    Mastodon mastodon;
    mastodon.systemd.units[sidekiq].hangs = true;
    auto stopped = mastodon.stopped_units();
    asio::io_context loop;
    asio::cancellation_signal cancel;
    std::exception_ptr failure;
    asio::co_spawn(
        loop, stopped.stop(),
        asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e) { failure = e; }));
    REQUIRE(turn_until(loop, [&] { return calls_of(mastodon.systemd, "stop").size() == 5; }));
    cancel.emit(asio::cancellation_type::terminal);
    REQUIRE(turn_until(loop, [&] { return failure != nullptr; }));
    CHECK(mastodon.active_of_mastodon() == Names{sidekiq});
    start(stopped);
    CHECK(mastodon.active_of_mastodon() == all);
}

TEST_CASE("a start is finished although it is cancelled, and the caller still learns of it") {
    Mastodon mastodon;
    mastodon.systemd.units[sidekiq].starts_to_fail = 1;  // so that a pause can be cancelled
    mastodon.options.retry_pause = 50ms;
    auto stopped = mastodon.stopped_units();
    stop(stopped);

    struct Caller {
        static async::Task<> run(units::StoppedUnits& units,
                                 std::optional<units::StartReport>& report, bool& went_on) {
            report = co_await units.start();
            co_await async::wait_for(1ns);
            went_on = true;
        }
    };
    asio::io_context loop;
    asio::cancellation_signal cancel;
    std::optional<units::StartReport> report;
    std::exception_ptr failure;
    bool went_on = false;
    asio::co_spawn(
        loop, Caller::run(stopped, report, went_on),
        asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e) { failure = e; }));
    REQUIRE(turn_until(loop, [&] { return !calls_of(mastodon.systemd, "start").empty(); }));
    cancel.emit(asio::cancellation_type::terminal);
    REQUIRE(turn_until(loop, [&] { return failure != nullptr; }));
    REQUIRE(report);
    CHECK(report->down.empty());
    CHECK_FALSE(went_on);
    CHECK(mastodon.active_of_mastodon() == all);
}

TEST_CASE("a start that fails is tried again, and called down only then") {
    Mastodon mastodon;
    auto stopped = mastodon.stopped_units();
    stop(stopped);
    mastodon.events.clear();
    SECTION("it works the third time") {
        mastodon.systemd.units[web].starts_to_fail = 2;
        const auto report = start(stopped);
        CHECK(report.down.empty());
        CHECK(mastodon.active_of_mastodon() == all);
        CHECK(std::count_if(mastodon.events.begin(), mastodon.events.end(),
                            [](const auto& e) { return e.ends_with("will retry"); }) == 2);
    }
    SECTION("it never works: the others run, and the record says which does not") {
        mastodon.systemd.units[shim].starts_to_fail = 100;
        const auto report = start(stopped);
        CHECK(report.down == Names{shim});
        CHECK(mastodon.active_of_mastodon() == Names{sidekiq, at_4000, at_4001, web});
        CHECK(mastodon.record.read() == Names{shim});
    }
    SECTION("it hangs") {
        mastodon.options.start_timeout = 1s;
        auto short_of_time = mastodon.stopped_units();
        mastodon.systemd.units[web].state = "active";
        stop(short_of_time);
        mastodon.systemd.units[web].hangs = true;
        const auto report = start(short_of_time);
        CHECK(report.down == Names{web});
        mastodon.systemd.units[web].hangs = false;
    }
}

TEST_CASE("a unit that hangs at its start does not keep the others down") {
    Mastodon mastodon;
    mastodon.options.start_timeout = 1s;
    auto stopped = mastodon.stopped_units();
    stop(stopped);
    mastodon.systemd.units[sidekiq].hangs = true;
    const bool for_ever = GENERATE(false, true);
    mastodon.systemd.before = [&](const std::string& call) {
        if (call == std::string("start ") + web) mastodon.systemd.units[sidekiq].hangs = for_ever;
    };
    const auto report = start(stopped);
    CHECK(report.down == (for_ever ? Names{sidekiq} : Names{}));
    CHECK(mastodon.active_of_mastodon() == (for_ever ? Names{shim, at_4000, at_4001, web} : all));
    CHECK(calls_of(mastodon.systemd, "start") ==
          Names{sidekiq, at_4001, at_4000, shim, web, sidekiq});
}

TEST_CASE("an instance that did not run is not left running by the shim that wants it") {
    Mastodon mastodon;
    mastodon.systemd.units[at_4000].state = "inactive";
    mastodon.systemd.units[shim].properties["Wants"] = std::string("network.target\n") + at_4000;
    auto stopped = mastodon.stopped_units();
    stop(stopped);
    const auto* mailers = "mastodon-sidekiq-mailers.service";
    mastodon.systemd.before = [&](const std::string& call) {
        if (call != std::string("start ") + shim) return;
        mastodon.systemd.units[at_4000].state = "active";
        mastodon.systemd.units[mailers].state = "active";  // an admin starts it at this moment
    };
    const auto report = start(stopped);
    CHECK(mastodon.active_of_mastodon() == Names{mailers, sidekiq, shim, at_4001, web});
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings.front().find(at_4000) != std::string::npos);
}

TEST_CASE("systemd that is shutting down is a warning, and the record stays") {
    Mastodon mastodon;
    auto stopped = mastodon.stopped_units();
    stop(stopped);
    for (auto& [name, unit] : mastodon.systemd.units) unit.refuses = true;
    const auto report = start(stopped);
    CHECK(report.down.empty());
    CHECK(report.warnings.size() == 5);
    CHECK(mastodon.record.read() == in_order_of_stopping);
    CHECK(calls_of(mastodon.systemd, "start").size() == 5);
}

TEST_CASE("a unit that was started by other means is left alone, and noted") {
    Mastodon mastodon;
    auto stopped = mastodon.stopped_units();
    stop(stopped);
    mastodon.systemd.units[web].state = "active";
    const auto report = start(stopped);
    CHECK(calls_of(mastodon.systemd, "start") == Names{sidekiq, at_4001, at_4000, shim});
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings[0].find(web) != std::string::npos);
}

TEST_CASE("a unit that comes back while others are stopped is stopped again") {
    Mastodon mastodon;
    int times = 1;
    SECTION("once") {}
    SECTION("always") {
        times = 1000;
    }
    mastodon.systemd.before = [&](const std::string& call) {
        if (call == std::string("stop ") + sidekiq && times-- > 0)
            mastodon.systemd.units[web].state = "active";
    };
    auto stopped = mastodon.stopped_units();
    if (times == 1) {
        stop(stopped);
        CHECK(mastodon.systemd.active() == Names{"nginx.service"});
        CHECK(stopped.names() == in_order_of_stopping);
    } else {
        mastodon.systemd.before = [&](const std::string& call) {
            if (call.starts_with("stop ")) mastodon.systemd.units[web].state = "active";
            if (call.starts_with("stop ")) mastodon.systemd.units[shim].state = "active";
        };
        CHECK_THROWS_AS(stop(stopped), Error);
    }
    start(stopped);
    CHECK(mastodon.active_of_mastodon() == all);
}

TEST_CASE("a unit between two attempts of Restart= counts as one that runs") {
    Mastodon mastodon;
    mastodon.systemd.units[sidekiq].state = "activating";
    auto stopped = mastodon.stopped_units();
    stop(stopped);
    CHECK(mastodon.systemd.units[sidekiq].state == "inactive");
    start(stopped);
    CHECK(mastodon.active_of_mastodon() == all);
}

TEST_CASE("units run again if start() was not called") {
    Mastodon mastodon;
    {
        auto stopped = mastodon.stopped_units();
        stop(stopped);
    }
    CHECK(calls_of(mastodon.systemd, "start_no_reply") ==
          Names{sidekiq, at_4001, at_4000, shim, web});
    CHECK(mastodon.active_of_mastodon() == all);
}

TEST_CASE("nothing is asked for twice when start() has done its work") {
    Mastodon mastodon;
    {
        auto stopped = mastodon.stopped_units();
        stop(stopped);
        start(stopped);
    }
    CHECK(calls_of(mastodon.systemd, "start_no_reply").empty());
}

TEST_CASE("start() throws nothing when systemd cannot be reached, and says what is down") {
    Mastodon mastodon;
    mastodon.options.start_timeout = 1s;
    mastodon.options.retry_pause = 600ms;
    auto stopped = mastodon.stopped_units();
    stop(stopped);
    mastodon.systemd.unreachable = true;
    const auto report = start(stopped);
    CHECK(report.down.size() == 5);
    CHECK(mastodon.record.read() == in_order_of_stopping);
}

TEST_CASE("the record of a process that was killed brings its units back") {
    Mastodon mastodon;
    for (const auto* name : {web, sidekiq, shim, at_4000, at_4001})
        mastodon.systemd.units[name].state = "inactive";
    mastodon.systemd.units[web].state = "active";  // another process has started it
    mastodon.record.write(in_order_of_stopping);
    const auto report = async::run_sync(
        units::resume(mastodon.systemd, mastodon.record, mastodon.options, mastodon.clock));
    CHECK(mastodon.active_of_mastodon() == all);
    CHECK(calls_of(mastodon.systemd, "start") == Names{sidekiq, at_4001, at_4000, shim});
    CHECK(report.started == Names{sidekiq, at_4001, at_4000, shim});
    CHECK(report.down.empty());
    CHECK_FALSE(std::filesystem::exists(mastodon.record.file()));

    const auto again = async::run_sync(
        units::resume(mastodon.systemd, mastodon.record, mastodon.options, mastodon.clock));
    CHECK(again.warnings.empty());
    CHECK(calls_of(mastodon.systemd, "start").size() == 4);
}
