// SPDX-License-Identifier: GPL-3.0-or-later
// A project of Docker Compose on a real engine: its containers are stopped and started as units are.
#include <chrono>
#include <set>
#include <thread>

#include "containers/units_and_containers.hpp"
#include "project_containers.hpp"
#include "support/catch.hpp"
#include "support/container_engine.hpp"
#include "support/eventually.hpp"
#include "support/fake_units.hpp"
#include "support/run_on.hpp"
#include "units/sidekiq.hpp"
#include "units/stopped_units.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using Names = std::set<std::string>;

namespace {

const std::string streaming = "mastodon/streaming/1.container";
const std::string sidekiq = "mastodon/sidekiq/1.container";
const std::string second_sidekiq = "mastodon/sidekiq/2.container";
const std::string mailers = "mastodon/sidekiq-mailers/1.container";

const std::vector<std::string> working{
    "perl", "-e",
    "$0 = q(sidekiq 7.3.9 live [0 of 25 busy]); $SIG{TSTP} = sub { $0 .= q( stopping) }; "
    "$SIG{TERM} = sub { exit 0 }; sleep 1 while 1"};

/// A Mastodon as its docker-compose.yml makes it, with two containers of sidekiq. An admin has
/// stopped those of another queue. The database is a container, too, and another project runs.
struct ComposeProject {
    ContainerEngine engine;
    TemporaryDirectory directory;
    boost::asio::io_context loop{1};
    SystemClock clock;
    FakeUnitControl systemd;
    containers::UnitsAndContainers control{systemd, engine.socket()};
    units::Record record{directory / "stopped-units"};
    units::StopOptions options{
        .patterns = {"mastodon/web/*.container", "mastodon/streaming/*.container",
                     "mastodon/sidekiq*/*.container"},
        .stop_timeout = 20s,
        .start_timeout = 20s,
        .retry_pause = 50ms};
    const Names running{web, streaming, sidekiq, second_sidekiq};
    std::string old_web;

    ComposeProject() {
        const std::vector<std::string> always{"--restart=always"};
        old_web = engine.run_container(web, serving, always);
        engine.run_container(streaming, serving, always);
        // The entry point of Mastodon's image is tini.
        auto behind_init = working;
        behind_init.insert(behind_init.begin(), {"tini", "--"});
        engine.run_container(sidekiq, behind_init, always);
        engine.run_container(second_sidekiq, working, always);
        engine.create_container(mailers, working, always);
        engine.run_container("mastodon/db/1.container", serving, always);
        engine.run_container("other/web/1.container", serving, always);
    }

    units::StoppedUnits stopped_units() { return {control, record, options, clock}; }

    Names active() {
        Names names;
        for (const auto& unit : run_on(loop, control.list(options.patterns)))
            if (unit.active()) names.insert(unit.name);
        return names;
    }

    bool others_run() const {
        const auto all = engine.docker({"ps", "--format",
                                        "{{.Label \"com.docker.compose.project\"}}"
                                        "/{{.Label \"com.docker.compose.service\"}}"});
        return all.find("mastodon/db") != all.npos && all.find("other/web") != all.npos;
    }
};

bool contain(const std::vector<std::string>& texts, std::string_view part) {
    return std::ranges::any_of(texts,
                               [&](const auto& text) { return text.find(part) != text.npos; });
}

}  // namespace

TEST_CASE("exactly the containers that ran are stopped, and run again") {
    ComposeProject host;
    auto stopped = host.stopped_units();
    const auto quiet = run_on(host.loop, stopped.quiet(10s));
    CHECK(quiet.warnings.empty());
    CHECK(Names(quiet.quieted.begin(), quiet.quieted.end()) == Names{sidekiq, second_sidekiq});
    run_on(host.loop, stopped.stop());
    CHECK(host.active().empty());
    CHECK(host.others_run());
    CHECK(host.record.read() == std::vector<std::string>{web, streaming, sidekiq, second_sidekiq});
    const auto report = run_on(host.loop, stopped.start());
    CHECK(report.warnings.empty());
    CHECK(host.active() == host.running);
    CHECK(report.downtime.size() == host.running.size());
    CHECK(host.record.read().empty());
    CHECK(eventually([&] {
        const auto processes = run_on(host.loop, host.control.processes(sidekiq));
        return std::ranges::any_of(processes, [](const auto& process) {
            const auto state = units::parse_sidekiq_title(process.command);
            return state && !state->quiet;
        });
    }));
}

TEST_CASE("the successor of a container that was replaced in the meantime is started") {
    ComposeProject host;
    auto stopped = host.stopped_units();
    run_on(host.loop, stopped.stop());
    host.engine.docker({"rm", host.old_web});
    const auto id = host.engine.create_container(web, serving);
    const auto report = run_on(host.loop, stopped.start());
    CHECK(report.down.empty());
    CHECK(host.active() == host.running);
    CHECK(host.engine.docker({"ps", "-q", "--no-trunc"}).find(id) != std::string::npos);
}

TEST_CASE("a container that was removed in the meantime stays down, and the others run") {
    ComposeProject host;
    host.options.start_timeout = 2s;
    auto stopped = host.stopped_units();
    run_on(host.loop, stopped.stop());
    host.engine.docker({"rm", host.old_web});
    const auto report = run_on(host.loop, stopped.start());
    CHECK(report.down == std::vector<std::string>{web});
    CHECK(contain(report.warnings,
                  "'" + web + "' stays down: start '" + web + "': there is no such container"));
    CHECK(host.active() == Names{streaming, sidekiq, second_sidekiq});
    CHECK(host.record.read() == std::vector<std::string>{web});
}

TEST_CASE("a restart of the engine starts containers too early, and the report says so") {
    ComposeProject host;
    auto stopped = host.stopped_units();
    run_on(host.loop, stopped.stop());
    host.engine.kill_engine();
    host.engine.start_engine();
    REQUIRE(eventually([&] { return host.active() == host.running; }));
    const auto report = run_on(host.loop, stopped.start());
    CHECK(contain(report.warnings, "'" + web + "' was started by another program in the meantime"));
    CHECK(host.active() == host.running);
    CHECK(host.record.read().empty());
}

TEST_CASE("containers are started as soon as an engine that has died is back") {
    ComposeProject host;
    auto stopped = host.stopped_units();
    run_on(host.loop, stopped.stop());
    host.engine.kill_engine();
    const std::jthread back([&host] {
        std::this_thread::sleep_for(1s);
        host.engine.start_engine();
    });
    const auto report = run_on(host.loop, stopped.start());
    CHECK(report.down.empty());
    CHECK(host.active() == host.running);
}

TEST_CASE("an engine that stays away leaves the containers in the record, for the next start") {
    ComposeProject host;
    host.options.start_timeout = 2s;
    {
        auto stopped = host.stopped_units();
        run_on(host.loop, stopped.stop());
        host.engine.kill_engine();
        const auto report = run_on(host.loop, stopped.start());
        CHECK(report.down.size() == host.running.size());
    }
    CHECK(host.record.read().size() == host.running.size());
    host.engine.start_engine();
    host.options.start_timeout = 20s;
    const auto report =
        run_on(host.loop, units::resume(host.control, host.record, host.options, host.clock));
    CHECK(report.down.empty());
    CHECK(host.active() == host.running);
    CHECK(host.record.read().empty());
}

TEST_CASE("what starts while containers are stopped is told from what rests") {
    ComposeProject host;
    auto stopped = host.stopped_units();
    run_on(host.loop, stopped.stop());
    const auto begun = std::chrono::duration_cast<std::chrono::microseconds>(
        host.clock.steady().time_since_epoch());
    host.engine.docker({"start", host.old_web});
    const auto since = [&](const std::string& name) {
        return std::stoll(
            run_on(host.loop, host.control.property(name, "InactiveExitTimestampMonotonic"))
                .value());
    };
    CHECK(since(web) > begun.count());
    CHECK(since(streaming) < begun.count());
    run_on(host.loop, stopped.start());
}

TEST_CASE("a unit and a container are stopped and started together") {
    ComposeProject host;
    host.systemd.units["mastodon-web.service"] = {};
    host.options.patterns.insert(host.options.patterns.begin(), "mastodon-web.service");
    auto stopped = host.stopped_units();
    run_on(host.loop, stopped.stop());
    CHECK(host.systemd.active().empty());
    CHECK(host.systemd.inhibits_shutdown());
    CHECK(host.active().empty());
    const auto report = run_on(host.loop, stopped.start());
    CHECK(report.down.empty());
    CHECK(host.active().size() == host.running.size() + 1);
}

TEST_CASE("containers are started by the destructor when nothing else does it") {
    ComposeProject host;
    {
        auto stopped = host.stopped_units();
        run_on(host.loop, stopped.stop());
        CHECK(host.active().empty());
    }
    CHECK(host.active() == host.running);
}

TEST_CASE("a paused container is left as it is") {
    ComposeProject host;
    host.engine.docker({"pause", host.old_web});
    auto stopped = host.stopped_units();
    run_on(host.loop, stopped.stop());
    const auto report = run_on(host.loop, stopped.start());
    CHECK(report.down.empty());
    CHECK(host.active() == Names{streaming, sidekiq, second_sidekiq});
    host.engine.docker({"unpause", host.old_web});
}

TEST_CASE("a container that is only quiet does not count as stopped by an admin") {
    ComposeProject host;
    const auto id = host.engine.docker({"ps", "-q", "--no-trunc", "--filter",
                                        "label=com.docker.compose.service=sidekiq", "--filter",
                                        "label=com.docker.compose.container-number=2"});
    auto stopped = host.stopped_units();
    CHECK(run_on(host.loop, stopped.quiet(10s)).warnings.empty());
    const auto file = host.engine.data() / "containers" / id / "config.v2.json";
    CHECK(read(file).find("\"HasBeenManuallyStopped\":false") != std::string::npos);
    run_on(host.loop, stopped.stop());
    CHECK(read(file).find("\"HasBeenManuallyStopped\":true") != std::string::npos);
    run_on(host.loop, stopped.start());
}
