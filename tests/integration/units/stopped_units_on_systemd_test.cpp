// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <filesystem>
#include <functional>
#include <set>
#include <sstream>

#include "bus/connection.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/run_on.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_host.hpp"
#include "units/sidekiq.hpp"
#include "units/stopped_units.hpp"
#include "units/systemd_control.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using Names = std::set<std::string>;

namespace {

constexpr auto make_units = R"(
unit() { cat >$ROOTFS/etc/systemd/system/$1; }
unit mastodon-web.service <<X
[Service]
ExecStart=sleep infinity
X
unit mastodon-sidekiq.service <<X
[Service]
ExecStart=sleep infinity
X
unit mastodon-sidekiq-mailers.service <<X
[Service]
ExecStart=sleep infinity
X
unit mastodon-streaming.service <<X
[Unit]
Wants=mastodon-streaming@4000.service
[Service]
Type=oneshot
ExecStart=/bin/echo
RemainAfterExit=yes
X
unit mastodon-streaming@.service <<X
[Unit]
PartOf=mastodon-streaming.service
[Service]
ExecStart=sleep infinity
X
)";

/// A Mastodon like in its documentation. An admin has started an instance of streaming by hand, and
/// has stopped a queue of sidekiq.
struct Mastodon {
    TestHost host{{.setup = make_units}};
    TemporaryDirectory directory;
    SystemClock clock;
    units::Record record{directory / "stopped-units"};
    units::StopOptions options{.patterns = {"mastodon-web.service", "mastodon-streaming*.service",
                                            "mastodon-sidekiq*.service"},
                               .stop_timeout = 20s,
                               .start_timeout = 20s,
                               .retry_pause = 50ms};
    std::function<void(const std::string&)> on_event{};
    const Names running{"mastodon-sidekiq.service", "mastodon-streaming.service",
                        "mastodon-streaming@4000.service", "mastodon-streaming@4001.service",
                        "mastodon-web.service"};

    Mastodon() {
        host.sh(
            "systemctl start mastodon-web mastodon-sidekiq mastodon-streaming "
            "mastodon-streaming@4001");
        REQUIRE(active() == running);
    }

    Names active() const {
        std::istringstream lines(
            host.sh("systemctl list-units --plain --no-legend "
                    "--state=active 'mastodon-*.service'"));
        Names names;
        for (std::string line; std::getline(lines, line);)
            names.insert(line.substr(0, line.find(' ')));
        return names;
    }
};

/// The parts of a mastobak process: a loop, a bus, and stopped units.
struct Process {
    explicit Process(Mastodon& mastodon)
        : connection(loop, mastodon.host.bus_address()),
          stopped(control, mastodon.record, mastodon.options, mastodon.clock, mastodon.on_event) {}
    ~Process() {
        connection.close();
        loop.restart();
        loop.run();
    }
    boost::asio::io_context loop{1};
    bus::Connection connection;
    units::SystemdControl control{connection};
    units::StoppedUnits stopped;
};

}  // namespace

TEST_CASE("exactly the units of a Mastodon that ran run again, a hand-started instance included") {
    Mastodon mastodon;
    Process process(mastodon);
    run_on(process.loop, process.stopped.stop());
    CHECK(mastodon.active().empty());
    CHECK(process.stopped.names() ==
          std::vector<std::string>{"mastodon-web.service", "mastodon-streaming.service",
                                   "mastodon-streaming@4000.service",
                                   "mastodon-streaming@4001.service", "mastodon-sidekiq.service"});
    const auto report = run_on(process.loop, process.stopped.start());
    CHECK(mastodon.active() == mastodon.running);
    CHECK(report.down.empty());
    CHECK(report.warnings.empty());
    CHECK(report.downtime.size() == mastodon.running.size());
    CHECK_FALSE(std::filesystem::exists(mastodon.record.file()));
}

TEST_CASE("sidekiq behind a login shell is quiet at once, and what it has started goes on") {
    Mastodon mastodon;
    // Like `bash -lc "…; sidekiq"`, with a converter that a job waits for, in its own process
    // group. SIGTSTP would stop the converter.
    mastodon.host.add_unit(
        "mastodon-sidekiq-shell.service",
        "[Service]\nExecStart=/bin/bash -lc \"perl -e 'if (!fork) { setpgrp; sleep 1 while 1 } "
        "$$0 = q(sidekiq 7.3.9 live [0 of 25 busy]); $$SIG{TSTP} = sub { $$0 .= q( stopping) }; "
        "sleep 1 while 1'; true\"\n");
    mastodon.host.sh("systemctl start mastodon-sidekiq-shell");
    Process process(mastodon);
    const auto busy = [&] {
        const auto all =
            run_on(process.loop, process.control.processes("mastodon-sidekiq-shell.service"));
        return std::ranges::any_of(
            all, [](const auto& p) { return units::parse_sidekiq_title(p.command).has_value(); });
    };
    REQUIRE(eventually(busy));
    const auto report = run_on(process.loop, process.stopped.quiet(30s));
    CHECK(report.quieted == std::vector<std::string>{"mastodon-sidekiq-shell.service"});
    CHECK(report.warnings.empty());
    CHECK(report.waited < 10s);
    const auto states = mastodon.host.sh(
        "ps -o stat= -p $(paste -sd, "
        "/sys/fs/cgroup/system.slice/mastodon-sidekiq-shell.service/cgroup.procs)");
    CHECK(std::ranges::count(states, '\n') == 2);  // three processes
    CHECK(states.find('T') == std::string::npos);
    run_on(process.loop, process.stopped.start());
    CHECK(mastodon.active().contains("mastodon-sidekiq-shell.service"));
}

TEST_CASE("the units of a process that was killed are brought back by the next one") {
    Mastodon mastodon;
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            Process process(mastodon);
            run_on(process.loop, process.stopped.stop());
            ::raise(SIGKILL);
        } catch (...) {
        }
        ::_exit(1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(mastodon.active().empty());

    Process process(mastodon);
    const auto report = run_on(process.loop, units::resume(process.control, mastodon.record,
                                                           mastodon.options, mastodon.clock));
    CHECK(mastodon.active() == mastodon.running);
    CHECK(report.down.empty());
}

TEST_CASE("units are brought back by the end of the object alone") {
    Mastodon mastodon;
    {
        Process process(mastodon);
        run_on(process.loop, process.stopped.stop());
        REQUIRE(mastodon.active().empty());
    }
    CHECK(eventually([&] { return mastodon.active() == mastodon.running; }));
}

TEST_CASE("a unit whose start fails is tried again until it works") {
    Mastodon mastodon;
    mastodon.host.sh(
        "mkdir /run/systemd/system/mastodon-web.service.d; "
        "printf '[Service]\nExecStartPre=test -e /run/allowed\n' "
        ">/run/systemd/system/mastodon-web.service.d/a.conf; systemctl daemon-reload");
    int retries = 0;
    mastodon.on_event = [&](const std::string& event) {
        if (event.ends_with("will retry") && ++retries == 2) mastodon.host.sh("touch /run/allowed");
    };
    Process process(mastodon);
    run_on(process.loop, process.stopped.stop());
    const auto report = run_on(process.loop, process.stopped.start());
    CHECK(retries == 2);
    CHECK(report.down.empty());
    CHECK(mastodon.active() == mastodon.running);
}

TEST_CASE("a restart of the bus in the middle does no harm") {
    Mastodon mastodon;
    mastodon.host.sh(
        "mkdir /run/systemd/system/mastodon-sidekiq.service.d; "
        "printf '[Service]\nExecStop=sleep 3\n' "
        ">/run/systemd/system/mastodon-sidekiq.service.d/a.conf; "
        "systemctl daemon-reload");
    mastodon.on_event = [&](const std::string& event) {
        // The bus is restarted, so the signal that the job has ended is lost.
        if (event == "stopping 'mastodon-sidekiq.service'")
            mastodon.host.sh("systemd-run sh -c 'sleep 0.3; systemctl restart dbus'");
    };
    Process process(mastodon);
    const auto before = process.connection.generation();
    run_on(process.loop, process.stopped.stop());
    CHECK(process.connection.generation() > before);
    CHECK(mastodon.active().empty());
    const auto report = run_on(process.loop, process.stopped.start());
    CHECK(report.down.empty());
    CHECK(mastodon.active() == mastodon.running);
}

TEST_CASE("a host that shuts down refuses to start units, which is a warning") {
    Mastodon mastodon;
    mastodon.host.sh(
        "systemd-run --unit=slow -p After=dbus.service -p ExecStop='sleep 60' "
        "-p TimeoutStopSec=70 sleep infinity");
    Process process(mastodon);
    run_on(process.loop, process.stopped.stop());
    mastodon.host.sh("systemctl --no-block poweroff");
    REQUIRE(eventually([&] { return mastodon.host.state_of("slow.service") == "deactivating"; }));
    const auto report = run_on(process.loop, process.stopped.start());
    CHECK(report.down.empty());
    REQUIRE_FALSE(report.warnings.empty());
    CHECK(report.warnings.front().find("shutting down") != std::string::npos);
    CHECK(mastodon.record.read().size() == mastodon.running.size());
}
