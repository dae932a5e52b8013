// SPDX-License-Identifier: GPL-3.0-or-later
//
// Units and a bus that fail.
#include "night_host.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/has.hpp"

using namespace mastobak::test;

namespace {

void stop_bus(const NightHost& host) {
    host.sh("systemctl -q stop dbus.socket dbus.service");
}
void start_bus(const NightHost& host) {
    host.sh("systemctl start dbus.socket dbus.service");
}

}  // namespace

TEST_CASE("a unit that takes long to stop is waited for, but not for ever") {
    NightHost host;
    host.adjust("mastodon-sidekiq.service", "ExecStop=sleep 3\n");
    SECTION("in time") {
        CHECK(host.night() == 0);
        CHECK(host.mastodon_runs());
    }
    SECTION("too late") {
        host.timeouts = "stop_timeout: 1 s";
        host.configure("");
        CHECK(host.night() == 3);
        CAPTURE(host.error(), host.said());
        CHECK(has(host.error(), "stop 'mastodon-sidekiq.service': not stopped within 1.0 s"));
        CHECK(has(host.error(), "see 'systemctl status mastodon-sidekiq.service'"));
        CHECK(host.mastodon_runs());
        CHECK(host.sets().empty());
    }
}

TEST_CASE("a unit that ignores SIGTERM is killed by systemd, and starts again") {
    NightHost host;
    host.adjust("mastodon-web.service",
                "ExecStart=\nExecStart=bash -c 'trap \"\" TERM; while :; do sleep 0.1; done'\n"
                "TimeoutStopSec=1\n");
    host.sh("systemctl restart mastodon-web");
    CHECK(host.night() == 0);
    CHECK(host.mastodon_runs());
    CHECK(host.sets().size() == 1);
}

TEST_CASE("a unit that fails to start the first two times is tried again") {
    NightHost host;
    // Restart= would start the unit without mastobak.
    host.adjust("mastodon-web.service",
                "Restart=no\nExecStartPre=bash -c 'echo >>/run/starts; "
                "test $(wc -l </run/starts) -gt 2'\n");
    CHECK(host.night() == 0);
    CHECK(has(host.said(),
              "'mastodon-web.service' does not start: its start job failed, "
              "will retry"));
    CHECK(host.sh("wc -l </run/starts") == "3");
    CHECK(host.mastodon_runs());
}

TEST_CASE("a unit that never starts is critical, and comes back with the net once it can") {
    NightHost host;
    host.timeouts = "start_attempts: 2";
    host.configure("");
    host.adjust("mastodon-web.service", "Restart=no\nExecStartPre=test -e /run/mended\n");
    host.night();
    CHECK(has(host.said(), "'mastodon-web.service' stays down: its start job failed"));
    CHECK(has(host.said(),
              "'mastodon-web.service' was stopped by this run and does not start "
              "again; hint: systemctl status mastodon-web.service"));
    CHECK(host.sh("cat /run/mastobak/stopped-units") == "mastodon-web.service");
    CHECK(host.active().size() == host.running.size() - 1);
    host.sh("touch /run/mended");
    host.start_daemon();
    CHECK(host.mastodon_runs());
}

TEST_CASE(
    "a socket that starts web in the freeze makes the set inconsistent, unless it is stopped") {
    NightHost host;
    const bool named = GENERATE(false, true);
    if (named) {
        host.timeouts = "units: [mastodon-web.socket, 'mastodon-*.service']";
        host.configure("");
    }
    host.sh(
        "printf '[Socket]\\nListenStream=/run/web.sock\\n' "
        "> /run/systemd/system/mastodon-web.socket; systemctl daemon-reload; "
        "systemctl stop mastodon-web; systemctl start mastodon-web.socket mastodon-web");
    const auto status = host.night();
    CAPTURE(host.said(), host.error());
    REQUIRE(status == 0);
    host.hold_night_at(host.number_of("snapshot"));
    REQUIRE(host.active().empty());
    const auto visit = host.exec(
        {"perl", "-MIO::Socket::UNIX", "-e", "IO::Socket::UNIX->new('/run/web.sock') or exit 1"});
    CHECK(visit.ok() == !named);
    if (!named) REQUIRE(eventually([&] { return host.active().contains("mastodon-web.service"); }));
    host.go_on();
    CHECK(host.end_of_night() == 0);
    CAPTURE(host.said(), host.error());
    CHECK(has(host.said(), "'mastodon-web.service' was started while the backup was taken: ") ==
          !named);
    CHECK(has(host.said(), "each connection to 'mastodon-web.socket' starts it") == !named);
    CHECK(host.mastodon_runs());
    CHECK(host.sh("systemctl is-active mastodon-web.socket") == "active");
    CHECK(host.sets().size() == 2);
}

TEST_CASE("a bus that is restarted in the freeze does no harm") {
    NightHost host;
    REQUIRE(host.night() == 0);
    host.hold_night_at(host.number_of("snapshot"));
    stop_bus(host);
    start_bus(host);
    host.go_on();
    CHECK(host.end_of_night() == 0);
    CHECK(host.error().empty());
    CHECK(host.mastodon_runs());
}

TEST_CASE("a bus that is gone before the first stop ends the night there") {
    NightHost host;
    REQUIRE(host.night() == 0);
    const auto step = host.number_of(GENERATE("quiet", "stop"));
    host.hold_night_at(step);
    stop_bus(host);
    host.go_on();
    // A unit that takes no new jobs is restarted as soon as that is possible.
    CHECK(eventually([&] { return host.steps().back() == "start"; }));
    CHECK(host.active() == host.running);
    start_bus(host);
    CHECK(host.end_of_night() == 3);
    CAPTURE(host.error());
    CHECK(has(host.error(), "connect to the system bus"));
    CHECK(has(host.error(), "is systemd there, and its system bus?"));
    CHECK(host.mastodon_runs());
    CHECK_FALSE(has(host.said(), "stopping '"));
    CHECK(host.sets().size() == 1);
}

TEST_CASE("units run again as soon as a bus that went away in the freeze is back") {
    NightHost host;
    REQUIRE(host.night() == 0);
    host.hold_night_at(host.number_of("snapshot"));
    stop_bus(host);
    host.go_on();
    // Nothing works without the bus. Waits until the backup has noticed this.
    CHECK(eventually([&] { return has(host.said(), "will retry"); }));
    CHECK(host.active().empty());
    start_bus(host);
    CHECK(host.mastodon_runs());
    CHECK(host.end_of_night() == 3);
    CHECK(has(host.error(), "bus"));
}
