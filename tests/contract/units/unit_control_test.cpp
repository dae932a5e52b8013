// SPDX-License-Identifier: GPL-3.0-or-later
//
// The contract of UnitControl, for the fake and for the real systemd.
#include "units/unit_control.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>

#include "bus/connection.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/fake_units.hpp"
#include "support/run_on.hpp"
#include "support/test_host.hpp"
#include "units/sidekiq.hpp"
#include "units/systemd_control.hpp"

using namespace mastobak;
using namespace mastobak::test;
using mastobak::units::JobResult;
using mastobak::units::Unit;
using mastobak::units::Whom;
namespace asio = boost::asio;

namespace {

constexpr auto sidekiq_title = "sidekiq 7.3.9 live [0 of 25 busy]";

/// An implementation, and functions that make its units.
class World {
 public:
    virtual ~World() = default;
    virtual units::UnitControl& control() = 0;
    /// A unit that runs until it is stopped, and that stops when unit `part_of` stops.
    virtual void add_running(const std::string& name, const std::string& part_of = {}) = 0;
    /// Like an enabled unit, which systemd does not unload when it ends.
    virtual void add_running_and_wanted(const std::string& name) = 0;
    virtual void add_unable_to_start(const std::string& name) = 0;
    virtual void add_running_that_does_not_stop(const std::string& name) = 0;
    /// Its process title says after SIGTSTP that it takes no new jobs.
    virtual void add_sidekiq(const std::string& name) = 0;
    /// The same, but sidekiq is a child of the main process, a shell.
    virtual void add_sidekiq_behind_shell(const std::string& name) = 0;

    asio::io_context loop{1};
};

class Fake final : public World {
 public:
    units::UnitControl& control() override { return control_; }
    void add_running(const std::string& name, const std::string& part_of) override {
        control_.units[name] = {
            .part_of = part_of,
            .properties = {{"WorkingDirectory", "/srv"},
                           {"Environment", "A=1\nB=two words"},
                           {"EnvironmentFiles", "/srv/a b true\n/srv/*.env true"},
                           {"Id", name}}};
    }
    void add_running_and_wanted(const std::string& name) override { add_running(name, {}); }
    void add_unable_to_start(const std::string& name) override {
        control_.units[name] = {.state = "inactive", .starts_to_fail = 1000};
    }
    void add_running_that_does_not_stop(const std::string& name) override {
        control_.units[name] = {.hangs = true};
    }
    void add_sidekiq(const std::string& name) override {
        control_.units[name] = {.processes = {sidekiq_title}, .fresh_processes = {sidekiq_title}};
    }
    void add_sidekiq_behind_shell(const std::string& name) override {
        control_.units[name] = {.processes = {"/bin/bash -lc sidekiq", sidekiq_title}};
    }

 private:
    FakeUnitControl control_;
};

class Systemd final : public World {
 public:
    units::UnitControl& control() override { return control_; }
    void add_running(const std::string& name, const std::string& part_of) override {
        add(name,
            "WorkingDirectory=/srv\nEnvironment=A=1 \"B=two words\"\n"
            "EnvironmentFile=-/srv/a b\nEnvironmentFile=-/srv/*.env\n",
            part_of);
        host_.sh("systemctl start " + name);
    }
    void add_running_and_wanted(const std::string& name) override {
        add(name, {}, {});
        host_.add_unit("wanting.service",
                       "[Unit]\nWants=" + name + "\n[Service]\nExecStart=sleep infinity\n");
        host_.sh("systemctl start wanting");
    }
    void add_unable_to_start(const std::string& name) override {
        host_.add_unit(name, "[Service]\nType=oneshot\nExecStart=false\n");
    }
    void add_running_that_does_not_stop(const std::string& name) override {
        add(name, "ExecStop=sleep infinity\n", {});
        host_.sh("systemctl start " + name);
    }
    void add_sidekiq(const std::string& name) override {
        host_.add_unit(name, "[Service]\nExecStart=perl -e '" + sidekiq() + "'\n");
        host_.sh("systemctl start " + name);
    }
    void add_sidekiq_behind_shell(const std::string& name) override {
        host_.add_unit(
            name, "[Service]\nExecStart=/bin/bash -lc \"perl -e '" + sidekiq() + "'; true\"\n");
        host_.sh("systemctl start " + name);
    }
    ~Systemd() override {
        connection_.close();
        loop.restart();
        loop.run();
    }

 private:
    static std::string sidekiq() {
        return "$$0 = q(" + std::string(sidekiq_title) +
               "); $$SIG{TSTP} = sub { $$0 .= q( stopping) }; sleep 1 while 1";
    }

    void add(const std::string& name, const std::string& more, const std::string& part_of) {
        host_.add_unit(name, "[Unit]\nPartOf=" + part_of +
                                 "\nAfter=no-such.service\n[Service]\nExecStart=sleep infinity\n" +
                                 more);
    }

    TestHost host_;
    bus::Connection connection_{loop, host_.bus_address()};
    units::SystemdControl control_{connection_};
};

std::unique_ptr<World> make_world() {
    const bool real = GENERATE(false, true);
    INFO((real ? "systemd" : "fake"));
    if (real) return std::make_unique<Systemd>();
    return std::make_unique<Fake>();
}

std::vector<std::string> names(const std::vector<Unit>& units) {
    std::vector<std::string> result;
    for (const auto& unit : units) result.push_back(unit.name);
    return result;
}

}  // namespace

TEST_CASE("units are listed in the order of the patterns, by name within one, each once") {
    const auto world = make_world();
    for (const auto* name : {"m-b@2.service", "m-b.service", "m-a.service", "m-c.service"})
        world->add_running(name);
    auto& control = world->control();
    const auto found =
        run_on(world->loop,
               control.list({"m-c.service", "m-b*.service", "m-*.service", "no-such.service"}));
    CHECK(names(found) ==
          std::vector<std::string>{"m-c.service", "m-b.service", "m-b@2.service", "m-a.service"});
    CHECK(std::all_of(found.begin(), found.end(), [](const Unit& u) { return u.active(); }));
}

TEST_CASE("a unit is stopped and started, and is so when the call returns") {
    const auto world = make_world();
    world->add_running("a.service");
    auto& control = world->control();
    for (int i = 0; i < 3; ++i) {
        CHECK(run_on(world->loop, control.stop("a.service")) == JobResult::done);
        CHECK_FALSE(run_on(world->loop, control.query("a.service"))->active());
        CHECK(run_on(world->loop, control.start("a.service")) == JobResult::done);
        CHECK(run_on(world->loop, control.query("a.service"))->active());
    }
}

TEST_CASE("a signal reaches the main process, whose title says so; a restart makes it anew") {
    const auto world = make_world();
    world->add_sidekiq("a.service");
    auto& control = world->control();
    const auto says = [&](std::string_view text) {
        return eventually([&] {
            const auto commands = run_on(world->loop, control.processes("a.service"));
            return commands.size() == 1 &&
                   commands.front().command.find(text) != std::string::npos &&
                   (commands.front().command.find("stopping") == std::string::npos) ==
                       (text.find("stopping") == std::string_view::npos);
        });
    };
    CHECK(says("[0 of 25 busy]"));
    run_on(world->loop, control.kill("a.service", Whom::main, SIGTSTP));
    CHECK(says("busy] stopping"));
    CHECK(run_on(world->loop, control.restart("a.service")) == JobResult::done);
    CHECK(says("[0 of 25 busy]"));
    run_on(world->loop, control.stop("a.service"));
    CHECK(run_on(world->loop, control.processes("a.service")).empty());
    CHECK_THROWS_AS(run_on(world->loop, control.kill("a.service", Whom::main, SIGTSTP)), Error);
    CHECK(run_on(world->loop, control.restart("a.service")) == JobResult::done);
    CHECK(run_on(world->loop, control.query("a.service"))->active());
    CHECK(run_on(world->loop, control.processes("no-such.service")).empty());
    CHECK_THROWS_AS(run_on(world->loop, control.restart("no-such.service")), Error);
}

TEST_CASE("processes have numbers, the main one's is a property; a signal can reach all of them") {
    const auto world = make_world();
    world->add_sidekiq_behind_shell("a.service");
    auto& control = world->control();
    const auto main = run_on(world->loop, control.property("a.service", "MainPID"));
    std::vector<units::Process> processes;
    const auto sidekiq_is = [&](bool quiet) {
        return eventually([&] {
            processes = run_on(world->loop, control.processes("a.service"));
            return std::ranges::any_of(processes, [&](const auto& process) {
                const auto state = units::parse_sidekiq_title(process.command);
                return state && state->quiet == quiet && std::to_string(process.pid) != main;
            });
        });
    };
    REQUIRE(sidekiq_is(false));
    CHECK(std::ranges::count_if(processes,
                                [&](const auto& p) { return std::to_string(p.pid) == main; }) == 1);
    run_on(world->loop, control.kill("a.service", Whom::all, SIGTSTP));
    CHECK(sidekiq_is(true));
}

TEST_CASE("asking whether a unit may be started changes nothing") {
    const auto world = make_world();
    world->add_running("a.service");
    auto& control = world->control();
    const auto since = [&] {
        return run_on(world->loop, control.property("a.service", "InactiveExitTimestampMonotonic"));
    };
    const auto before = since();
    run_on(world->loop, control.check_may_control("a.service"));
    CHECK(run_on(world->loop, control.query("a.service"))->active());
    CHECK(since() == before);
}

TEST_CASE("stopping what does not run, or is unknown, is done at once") {
    const auto world = make_world();
    world->add_running("a.service");
    auto& control = world->control();
    CHECK(run_on(world->loop, control.stop("a.service")) == JobResult::done);
    CHECK(run_on(world->loop, control.stop("a.service")) == JobResult::done);
    CHECK(run_on(world->loop, control.stop("no-such.service")) == JobResult::done);
}

TEST_CASE("a unit that cannot start says so; one that is unknown is an error") {
    const auto world = make_world();
    world->add_unable_to_start("a.service");
    auto& control = world->control();
    CHECK(run_on(world->loop, control.start("a.service")) == JobResult::failed);
    CHECK_FALSE(run_on(world->loop, control.query("a.service"))->active());
    CHECK(run_on(world->loop, control.query("no-such.service")) == std::nullopt);
    try {
        run_on(world->loop, control.start("no-such.service"));
        FAIL("started");
    } catch (const Error& e) {
        CHECK(e.code() == Errc::units);
    }
}

TEST_CASE("a unit stops with the one it is part of, and does not start with it") {
    const auto world = make_world();
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
    world->add_running("a.service");
    auto& control = world->control();
    const auto property = [&](const char* unit, const char* name) {
        return run_on(world->loop, control.property(unit, name));
    };
    CHECK(property("a.service", "WorkingDirectory") == "/srv");
    CHECK(property("a.service", "Environment") == "A=1\nB=two words");
    // The value also reports for each file whether the unit starts without it.
    CHECK(property("a.service", "EnvironmentFiles") == "/srv/a b true\n/srv/*.env true");
    CHECK(property("a.service", "Id") == "a.service");
    CHECK(property("a.service", "NoSuchProperty") == std::nullopt);
    CHECK(property("no-such.service", "WorkingDirectory") == std::nullopt);
}

TEST_CASE("one who waits for a job can be cancelled, and others are not disturbed") {
    const auto world = make_world();
    world->add_running_that_does_not_stop("a.service");
    world->add_running("b.service");
    auto& control = world->control();
    asio::cancellation_signal cancel;
    std::exception_ptr failure;
    asio::co_spawn(world->loop, control.stop("a.service"),
                   asio::bind_cancellation_slot(
                       cancel.slot(), [&](std::exception_ptr e, JobResult) { failure = e; }));
    CHECK(run_on(world->loop, control.stop("b.service")) == JobResult::done);
    CHECK(failure == nullptr);
    asio::post(world->loop, [&] { cancel.emit(asio::cancellation_type::terminal); });
    REQUIRE(turn_until(world->loop, [&] { return failure != nullptr; }));
    CHECK(run_on(world->loop, control.start("b.service")) == JobResult::done);
}

TEST_CASE("units are started without waiting, when the loop does not run any more") {
    const auto world = make_world();
    world->add_running("a.service");
    auto& control = world->control();
    CHECK(run_on(world->loop, control.stop("a.service")) == JobResult::done);
    control.start_no_reply({"no-such.service", "a.service"});
    CHECK(eventually([&] { return run_on(world->loop, control.query("a.service"))->active(); }));
}

TEST_CASE("a unit that was started says since when, also when it has ended again") {
    const auto world = make_world();
    world->add_running_and_wanted("a.service");
    auto& control = world->control();
    run_on(world->loop, control.stop("a.service"));
    const auto microseconds = [] {
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    };
    const auto before = microseconds();
    run_on(world->loop, control.start("a.service"));
    run_on(world->loop, control.stop("a.service"));
    const auto started =
        run_on(world->loop, control.property("a.service", "InactiveExitTimestampMonotonic"));
    REQUIRE(started);
    CHECK(std::stoll(*started) >= before);
    CHECK(std::stoll(*started) <= microseconds());
}
