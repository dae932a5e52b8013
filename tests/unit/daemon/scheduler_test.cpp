// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/scheduler.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

#include "async/job.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/run_on.hpp"
#include "support/time_zone.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;

namespace {

/// Returns a time zone in which this much time has passed since midnight. The offset of a zone may
/// contain seconds: environ(7) refers to tzset(3), "TZ=NAME[+-]hh:mm:ss".
std::string zone_where_it_is(std::chrono::seconds after_midnight) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto utc = now - std::chrono::floor<std::chrono::days>(now);
    const auto west = std::chrono::seconds(utc) - after_midnight;
    const auto size = std::chrono::abs(west);
    return fmt::format("XXX{}{:02}:{:02}:{:02}", west < 0s ? "-" : "+", size / 1h, size / 1min % 60,
                       size / 1s % 60);
}

/// Hooks like the daemon's: a run that has started becomes the last run.
struct Started {
    std::vector<std::string> why;
    std::optional<Timestamp> last;

    Scheduler::Hooks hooks(std::optional<Timestamp> last_run, Timestamp known_since) {
        last = last_run;
        auto due = [this](const char* reason) {
            why.emplace_back(reason);
            last = std::chrono::system_clock::now();
        };
        return {due, [this] { return last; }, known_since};
    }
};

void run_until_started(Scheduler& scheduler, const Started& started, std::size_t times) {
    boost::asio::io_context loop(1);
    async::Job<> job(loop.get_executor(), scheduler.run(), [](std::exception_ptr) {});
    CHECK(test::turn_until(loop, [&] { return started.why.size() >= times; }));
    job.cancel();
    loop.run();
}

}  // namespace

TEST_CASE("a run starts at the hour of the clock on the wall") {
    const test::TimeZone zone(zone_where_it_is(12h + 58s));
    SystemClock clock;
    Started started;
    config::Schedule schedule;
    schedule.daily_at = 12h + 1min;
    Scheduler scheduler(schedule, clock, started.hooks({}, clock.now()));
    CHECK(*scheduler.next() - clock.now() < 3s);
    run_until_started(scheduler, started, 1);
    CHECK(started.why == std::vector<std::string>{"schedule"});
    CHECK(*scheduler.next() - clock.now() > 23h);
}

TEST_CASE("a run that was missed starts at once, and only if it is to be caught up") {
    const test::TimeZone zone("UTC");
    test::FakeClock clock;  // 03:00
    clock.advance(5h);
    Started started;
    config::Schedule schedule;
    const auto before = clock.now() - 48h;
    SECTION("missed") {
        Scheduler scheduler(schedule, clock, started.hooks(before, before));
        run_until_started(scheduler, started, 1);
        CHECK(started.why.front() == "catch-up");
    }
    SECTION("a schedule that is off starts nothing and has no next run") {
        schedule.enabled = false;
        Scheduler scheduler(schedule, clock, started.hooks(before, before));
        run_until_started(scheduler, started, 0);
        CHECK(started.why.empty());
        CHECK_FALSE(scheduler.next().has_value());
    }
}

TEST_CASE("a random delay is drawn within its limit") {
    const test::TimeZone zone("UTC");
    test::FakeClock clock;
    Started started;
    config::Schedule schedule;
    schedule.daily_at = 4h;
    schedule.random_delay = 10min;
    for (int i = 0; i < 50; ++i) {
        const Scheduler scheduler(schedule, clock, started.hooks({}, clock.now()));
        const auto wait = *scheduler.next() - clock.now();
        CHECK(wait >= 1h);
        CHECK(wait <= 1h + 10min);
    }
}

TEST_CASE("a night that is tried again comes before the next one, and is the next run until then") {
    const test::TimeZone zone(zone_where_it_is(12h));
    SystemClock clock;
    Started started;
    config::Schedule schedule;
    schedule.daily_at = 13h;
    auto hooks = started.hooks(clock.now(), clock.now());
    std::optional<Timestamp> again = clock.now() + 1s;
    hooks.retry = [&] { return started.why.empty() ? again : std::nullopt; };
    Scheduler scheduler(schedule, clock, hooks);
    SECTION("soon") {
        run_until_started(scheduler, started, 1);
        CHECK(started.why == std::vector<std::string>{"retry"});
        CHECK(*scheduler.next() - clock.now() > 50min);
    }
    SECTION("one that would come after the next night is none") {
        again = clock.now() + 2h;
        run_until_started(scheduler, started, 0);
        CHECK(*scheduler.next() - clock.now() < 61min);
        CHECK(started.why.empty());
    }
}
