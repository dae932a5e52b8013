// SPDX-License-Identifier: GPL-3.0-or-later
//
// Each of the three safety nets works while the other two are switched off.
#include "night_host.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using mastobak::test::eventually;
using mastobak::test::NightHost;
using mastobak::test::write;
using Names = std::set<std::string>;

namespace {

constexpr auto record = "/run/mastobak/stopped-units";

}  // namespace

TEST_CASE("the run alone starts what it has stopped, whatever becomes of it") {
    NightHost host;
    REQUIRE(host.night({.crippled = "no-no-reply", .stop_post = false}) == 0);
    CHECK(host.mastodon_runs());
    const auto step = host.number_of("snapshot");
    for (const auto* how : {"fail", "cancel"}) {
        CAPTURE(how);
        host.night({.how = how, .step = step, .crippled = "no-no-reply", .stop_post = false});
        CHECK(host.steps().back() == "start");
        CHECK(host.mastodon_runs());
    }
}

TEST_CASE("the destructor alone does, when no start call of the run goes through") {
    NightHost host;
    REQUIRE(host.night() == 0);
    const auto step = host.number_of("snapshot");
    host.timeouts = "start_timeout: 1 s";
    host.configure("");
    host.night({.how = "fail", .step = step, .crippled = "no-start", .stop_post = false});
    CHECK(host.said().find("switched off by the test") != std::string::npos);
    CHECK(eventually([&] { return host.active() == host.running; }));
    // The record remains, because the started units were not confirmed.
    CHECK(host.exec({"test", "-s", record}).ok());
}

TEST_CASE("the record alone does, obeyed after the end of a killed process") {
    NightHost host;
    REQUIRE(host.night() == 0);
    const auto step = host.number_of("snapshot");
    SECTION("by ExecStopPost=") {
        CHECK(host.night({.how = "kill", .step = step}) == -1);
        CHECK(host.mastodon_runs());
    }
    SECTION("by the start of the daemon") {
        CHECK(host.night({.how = "kill", .step = step, .stop_post = false}) == -1);
        CHECK(host.active().empty());
        host.start_daemon();
        CHECK(host.mastodon_runs());
    }
    SECTION("by nobody") {
        CHECK(host.night({.how = "kill", .step = step, .stop_post = false}) == -1);
        CHECK(host.active().empty());
        CHECK(host.exec({"test", "-s", record}).ok());
    }
}

TEST_CASE("a killed process that cannot end, as its disk hangs, keeps no net from its work") {
    NightHost host(false, true);
    REQUIRE(host.night() == 0);
    host.hold_night_at(host.number_of("media"));
    write(host.directory / "live/public/system/accounts/avatars/7/original/new.png", "new");
    host.disk->hang();
    host.go_on();
    REQUIRE(eventually([&] { return host.night_hangs(); }));
    CHECK(host.active().empty());
    // While the process of the backup exists, it is responsible for the start of the units.
    host.sh(host.mastobak("resume-units"));
    CHECK(host.active().empty());
    host.sh("systemctl kill -s KILL night");
    SECTION("that of ExecStopPost=") {
        CHECK(eventually([&] {
            host.sh(host.mastobak("resume-units"));
            return host.active() == host.running;
        }));
    }
    SECTION("that of the daemon's start") {
        host.start_daemon("--no-block");
    }
    CHECK(host.mastodon_runs());
    CHECK(host.night_hangs());
}

TEST_CASE("a unit that an admin stops before its turn stays stopped") {
    NightHost host;
    REQUIRE(host.night() == 0);
    host.hold_night_at(host.number_of("stop"));
    host.sh("systemctl stop mastodon-sidekiq");
    host.go_on();
    CHECK(host.end_of_night() == 0);
    host.running.erase("mastodon-sidekiq.service");
    CHECK(host.mastodon_runs());
}

TEST_CASE("after a reboot nothing is started that systemd did not start itself") {
    NightHost host;
    REQUIRE(host.night() == 0);
    host.sh("systemctl -q enable mastodon-web");
    host.hold_night_at(host.number_of("snapshot"));
    host.crash();
    host.sh(host.mastobak("resume-units"));
    host.start_daemon();
    CHECK(host.active() == Names{"mastodon-web.service"});
}

TEST_CASE("an orderly shutdown waits until Mastodon runs again, and no night begins then") {
    NightHost host(true);
    host.sh(
        "mkdir -p /run/systemd/logind.conf.d; printf '[Login]\\nInhibitDelayMaxSec=60\\n' "
        ">/run/systemd/logind.conf.d/a.conf; systemctl restart systemd-logind");
    REQUIRE(host.night() == 0);
    const auto stopping = [&] {
        return host.exec({"systemctl", "is-system-running"}).output == "stopping\n";
    };
    host.hold_night_at(host.number_of("snapshot"));
    CHECK(host.sh("systemd-inhibit --list").find("Mastodon is stopped") != std::string::npos);
    // A unit that stops slowly delays the shutdown, so that the test can inspect the host.
    host.sh("systemd-run -q -p ExecStop='sleep 60' -p TimeoutStopSec=70 sleep infinity");
    host.sh("systemctl poweroff");
    CHECK_FALSE(stopping());
    host.go_on();
    CHECK(eventually(stopping));
    CHECK(host.said().find("units=5 running again") != std::string::npos);
    CHECK(host.said().find("shutting down") == std::string::npos);
}
