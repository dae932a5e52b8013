// SPDX-License-Identifier: GPL-3.0-or-later
//
// The contract of UnitControl, for the fake, the real systemd, and real container engines.
#include "units/unit_control.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/run_on.hpp"
#include "units/sidekiq.hpp"
#include "world.hpp"

using namespace mastobak;
using namespace mastobak::test;
using mastobak::units::JobResult;
using mastobak::units::Unit;
using mastobak::units::Whom;
namespace asio = boost::asio;

namespace {

std::vector<std::string> names(const std::vector<Unit>& units) {
    std::vector<std::string> result;
    for (const auto& unit : units) result.push_back(unit.name);
    return result;
}

}  // namespace

TEST_CASE("units are listed in the order of the patterns, by name within one, each once") {
    const auto world = make_world();
    INFO(world->describe());
    for (const auto& name :
         {world->name("m-b", "2"), world->name("m-b"), world->name("m-a"), world->name("m-c")})
        world->add_running(name);
    auto& control = world->control();
    const auto found =
        run_on(world->loop, control.list({world->pattern("m-c"), world->pattern("m-b*"),
                                          world->pattern("m-*"), world->pattern("no-such")}));
    CHECK(names(found) == std::vector<std::string>{world->name("m-c"), world->name("m-b"),
                                                   world->name("m-b", "2"), world->name("m-a")});
    CHECK(std::all_of(found.begin(), found.end(), [](const Unit& u) { return u.active(); }));
}

TEST_CASE("a unit is stopped and started, and is so when the call returns") {
    const auto world = make_world();
    INFO(world->describe());
    const auto a = world->name("a");
    world->add_running(a);
    auto& control = world->control();
    for (int i = 0; i < 3; ++i) {
        CHECK(run_on(world->loop, control.stop(a)) == JobResult::done);
        CHECK_FALSE(run_on(world->loop, control.query(a))->active());
        CHECK(run_on(world->loop, control.start(a)) == JobResult::done);
        CHECK(run_on(world->loop, control.query(a))->active());
    }
}

TEST_CASE("a signal reaches the main process, whose title says so; a restart makes it anew") {
    const auto world = make_world();
    INFO(world->describe());
    const auto a = world->name("a");
    const auto none = world->name("no-such");
    world->add_sidekiq(a);
    auto& control = world->control();
    const auto says = [&](std::string_view text) {
        return eventually([&] {
            const auto commands = run_on(world->loop, control.processes(a));
            return commands.size() == 1 &&
                   commands.front().command.find(text) != std::string::npos &&
                   (commands.front().command.find("stopping") == std::string::npos) ==
                       (text.find("stopping") == std::string_view::npos);
        });
    };
    CHECK(says("[0 of 25 busy]"));
    run_on(world->loop, control.kill(a, Whom::main, SIGTSTP));
    CHECK(says("busy] stopping"));
    CHECK(run_on(world->loop, control.restart(a)) == JobResult::done);
    CHECK(says("[0 of 25 busy]"));
    run_on(world->loop, control.stop(a));
    CHECK(run_on(world->loop, control.processes(a)).empty());
    CHECK_THROWS_AS(run_on(world->loop, control.kill(a, Whom::main, SIGTSTP)), Error);
    CHECK(run_on(world->loop, control.restart(a)) == JobResult::done);
    CHECK(run_on(world->loop, control.query(a))->active());
    CHECK(run_on(world->loop, control.processes(none)).empty());
    CHECK_THROWS_AS(run_on(world->loop, control.restart(none)), Error);
}

TEST_CASE("processes have numbers, the main one's is a property; a signal can reach all of them") {
    const auto world = make_world();
    INFO(world->describe());
    const auto a = world->name("a");
    world->add_sidekiq_behind_shell(a);
    auto& control = world->control();
    const auto main = run_on(world->loop, control.property(a, "MainPID"));
    std::vector<units::Process> processes;
    const auto sidekiq_is = [&](bool quiet) {
        return eventually([&] {
            processes = run_on(world->loop, control.processes(a));
            return std::ranges::any_of(processes, [&](const auto& process) {
                const auto state = units::parse_sidekiq_title(process.command);
                return state && state->quiet == quiet && std::to_string(process.pid) != main;
            });
        });
    };
    REQUIRE(sidekiq_is(false));
    CHECK(std::ranges::count_if(processes,
                                [&](const auto& p) { return std::to_string(p.pid) == main; }) == 1);
    run_on(world->loop, control.kill(a, Whom::all, SIGTSTP));
    CHECK(sidekiq_is(true));
}

TEST_CASE("asking whether a unit may be started changes nothing") {
    const auto world = make_world();
    INFO(world->describe());
    const auto a = world->name("a");
    world->add_running(a);
    auto& control = world->control();
    const auto main = [&] { return run_on(world->loop, control.property(a, "MainPID")); };
    // An engine reports the time of the calendar, and two readings of it and of the monotonic clock
    // are not made at one instant: what is derived from them differs by microseconds.
    const auto since = [&] {
        const auto time =
            run_on(world->loop, control.property(a, "InactiveExitTimestampMonotonic"));
        return std::chrono::microseconds(std::stoll(time.value_or("0")));
    };
    const auto main_before = main();
    const auto before = since();
    run_on(world->loop, control.check_may_control(a));
    CHECK(run_on(world->loop, control.query(a))->active());
    CHECK(main() == main_before);
    CHECK(std::chrono::abs(since() - before) < std::chrono::seconds(1));
}

TEST_CASE("stopping what does not run, or is unknown, is done at once") {
    const auto world = make_world();
    INFO(world->describe());
    const auto a = world->name("a");
    const auto none = world->name("no-such");
    world->add_running(a);
    auto& control = world->control();
    CHECK(run_on(world->loop, control.stop(a)) == JobResult::done);
    CHECK(run_on(world->loop, control.stop(a)) == JobResult::done);
    CHECK(run_on(world->loop, control.stop(none)) == JobResult::done);
}

TEST_CASE("a unit that cannot start says so; one that is unknown is an error") {
    const auto world = make_world();
    INFO(world->describe());
    const auto a = world->name("a");
    const auto none = world->name("no-such");
    world->add_unable_to_start(a);
    auto& control = world->control();
    CHECK(run_on(world->loop, control.start(a)) == JobResult::failed);
    CHECK_FALSE(run_on(world->loop, control.query(a))->active());
    CHECK(run_on(world->loop, control.query(none)) == std::nullopt);
    try {
        run_on(world->loop, control.start(none));
        FAIL("started");
    } catch (const Error& e) {
        CHECK(e.code() == Errc::units);
    }
}

TEST_CASE("a unit stops with the one it is part of, and does not start with it") {
    const auto world = make_world();
    INFO(world->describe());
    if (!world->has_unit_files()) return;
    world->add_running("shim.service");
    world->add_running("instance@4001.service", "shim.service");
    auto& control = world->control();
    CHECK(run_on(world->loop, control.stop("shim.service")) == JobResult::done);
    CHECK_FALSE(run_on(world->loop, control.query("instance@4001.service"))->active());
    CHECK(run_on(world->loop, control.stop("instance@4001.service")) == JobResult::done);
    CHECK(run_on(world->loop, control.start("shim.service")) == JobResult::done);
    CHECK_FALSE(run_on(world->loop, control.query("instance@4001.service"))->active());
}

TEST_CASE("properties are text, lists one element a line") {
    const auto world = make_world();
    INFO(world->describe());
    const auto a = world->name("a");
    const auto none = world->name("no-such");
    world->add_running(a);
    auto& control = world->control();
    const auto property = [&](const std::string& unit, const char* name) {
        return run_on(world->loop, control.property(unit, name));
    };
    CHECK(property(a, "WorkingDirectory") == "/srv");
    // podman adds variables of its own.
    const auto environment = "\n" + property(a, "Environment").value_or("") + "\n";
    CHECK(environment.find("\nA=1\n") != std::string::npos);
    CHECK(environment.find("\nB=two words\n") != std::string::npos);
    // The value also reports for each file whether the unit starts without it.
    if (world->has_unit_files())
        CHECK(property(a, "EnvironmentFiles") == "/srv/a b true\n/srv/*.env true");
    CHECK(property(a, "Id") == a);
    CHECK(property(a, "NoSuchProperty") == std::nullopt);
    CHECK(property(none, "WorkingDirectory") == std::nullopt);
}

TEST_CASE("one who waits for a job can be cancelled, and others are not disturbed") {
    const auto world = make_world();
    INFO(world->describe());
    const auto a = world->name("a");
    const auto b = world->name("b");
    world->add_running_that_does_not_stop(a);
    world->add_running(b);
    auto& control = world->control();
    asio::cancellation_signal cancel;
    std::exception_ptr failure;
    asio::co_spawn(world->loop, control.stop(a),
                   asio::bind_cancellation_slot(
                       cancel.slot(), [&](std::exception_ptr e, JobResult) { failure = e; }));
    CHECK(run_on(world->loop, control.stop(b)) == JobResult::done);
    CHECK(failure == nullptr);
    asio::post(world->loop, [&] { cancel.emit(asio::cancellation_type::terminal); });
    REQUIRE(turn_until(world->loop, [&] { return failure != nullptr; }));
    CHECK(run_on(world->loop, control.start(b)) == JobResult::done);
}

TEST_CASE("units are started without waiting, when the loop does not run any more") {
    const auto world = make_world();
    INFO(world->describe());
    const auto a = world->name("a");
    const auto none = world->name("no-such");
    world->add_running(a);
    auto& control = world->control();
    CHECK(run_on(world->loop, control.stop(a)) == JobResult::done);
    control.start_no_reply({none, a});
    CHECK(eventually([&] { return run_on(world->loop, control.query(a))->active(); }));
}

TEST_CASE("a unit that was started says since when, also when it has ended again") {
    const auto world = make_world();
    INFO(world->describe());
    const auto a = world->name("a");
    world->add_running_and_wanted(a);
    auto& control = world->control();
    run_on(world->loop, control.stop(a));
    const auto microseconds = [] {
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    };
    const auto before = microseconds();
    run_on(world->loop, control.start(a));
    run_on(world->loop, control.stop(a));
    const auto started = run_on(world->loop, control.property(a, "InactiveExitTimestampMonotonic"));
    REQUIRE(started);
    CHECK(std::stoll(*started) >= before);
    CHECK(std::stoll(*started) <= microseconds());
}
