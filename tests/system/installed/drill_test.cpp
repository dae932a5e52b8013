// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;
using nlohmann::json;

namespace {

/// A host with a set whose copy is complete.
struct DrilledHost : InstalledHost {
    std::string set;

    DrilledHost() {
        // Only the tests make drills.
        sh("sed -i '1i drill: {schedule: never}' /etc/mastobak/mastobak.yaml");
        start_daemon();
        REQUIRE(mastobak({"run"}) == 0);
        set = sets().at(0);
        REQUIRE(eventually("test -e /mnt/offsite/sets/" + set + "/manifest.json"));
    }
    /// Installs a hostile program of user mastodon in place of Mastodon's.
    void install_mastodon() const {
        sh("install -d -o mastodon /home/mastodon/live/bin; install -o mastodon -m 755 "
           "/opt/mastobak/tests/system/installed/hostile_rails /home/mastodon/live/bin/rails");
    }
    /// Returns the drill's directory and processes that still exist.
    std::string leftovers() const {
        return sh(
            "{ ls -d /var/lib/mastobak/drill 2>/dev/null || true; }; pgrep -a -u mastobak-drill || "
            "true");
    }
};

}  // namespace

TEST_CASE("the first copy of a host is proven as soon as it is there, by nobody's order") {
    const InstalledHost host;
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    CHECK(host.eventually("systemctl show -P StatusText mastobak | grep -q '; proven .* ago'"));
    const auto set = host.sets().at(0);
    CHECK(host.journal().find("set " + set + " of remote 'disk' is proven") != std::string::npos);
}

TEST_CASE("the installed daemon proves its copy, in its sandbox, and says so") {
    const DrilledHost host;
    host.install_mastodon();
    const auto drill = host.exec({"mastobak", "drill", "--json"});
    INFO(drill.output << drill.error_tail);
    REQUIRE(drill.ok());
    const auto report = json::parse(drill.output);
    CHECK(report["proven"] == true);
    CHECK(report["set"] == host.set);
    CHECK(report["source"] == "remote 'disk'");
    for (const auto& check : report["checks"]) {
        CAPTURE(check.dump());
        // No user of the instance has a second factor.
        const bool none = check["name"] == "encryption";
        CHECK(check["verdict"] == (none ? "skipped" : "good"));
        if (check["name"] == "mastodon")
            CHECK(check["figure"].get<std::string>().starts_with("it finds "));
    }
    CHECK(host.mastobak({"status"}) == 0);
    CHECK(host.sh("mastobak status").find("is proven: ") != std::string::npos);
    CHECK(host.eventually("systemctl show -P StatusText mastobak | grep -q '; proven .* ago'"));
    CHECK(host.sh("mastobak show latest").find("is proven: ") != std::string::npos);
    CHECK(host.journal().find("result=proven set " + host.set) != std::string::npos);
    CHECK(host.leftovers() == "");
    // Without the daemon, but with its rights.
    CHECK(host.mastobak({"drill", "--standalone"}) == 0);
    CHECK(host.mastobak({"drill", "latest", "--from", "/mnt/offsite"}) == 0);
}

TEST_CASE("a copy that is damaged fails its drill, where an admin looks") {
    const DrilledHost host;
    host.sh("printf x | dd of=/mnt/offsite/database/" + host.set +
            "-base.dump.zst bs=1 seek=1000 conv=notrunc");
    const auto drill = host.exec({"mastobak", "drill"});
    CHECK(drill.exit_status == 18);
    CHECK(drill.output.find("BAD") != std::string::npos);
    CHECK(host.mastobak({"status"}) == 1);
    CHECK(host.sh("mastobak status || true").find("the last drill failed") != std::string::npos);
    CHECK(host.sh("journalctl -u mastobak -p crit -o cat").find("check='dump' is bad") !=
          std::string::npos);
    CHECK(host.eventually("systemctl show -P StatusText mastobak | grep -q 'NOT PROVEN'"));
}

TEST_CASE("a drill that is going on when the service is stopped leaves nothing") {
    const DrilledHost host;
    host.sh("systemd-run --quiet --unit=asked mastobak drill");
    REQUIRE(host.eventually("pgrep -u mastobak-drill"));
    host.sh("systemctl stop mastobak");
    CHECK(host.leftovers() == "");
    CHECK(host.sh("systemctl show -P Result mastobak").starts_with("success"));
    CHECK(host.mastodon_runs());
}

TEST_CASE("an extension whose library a server has to preload ends no drill") {
    const InstalledHost host;
    // Imitates an extension that needs to be preloaded, on a server that does not. Mastodon's own
    // does.
    host.sh(R"(cd /usr/share/postgresql/*/extension
printf "default_version = '1'\n" > pg_qualstats.control
cat > pg_qualstats--1.sql << 'END'
DO $$ BEGIN
    IF current_setting('data_directory') <> '/srv/pg' THEN
        RAISE EXCEPTION 'This module can only be loaded via shared_preload_libraries';
    END IF;
END $$;
CREATE FUNCTION pg_qualstats() RETURNS int LANGUAGE sql AS 'SELECT 1';
END
psql -X -q -h /run/postgresql -U postgres -d mastodon_production \
    -c 'CREATE EXTENSION pg_qualstats' -c 'CREATE VIEW asks_it AS SELECT pg_qualstats()')");
    REQUIRE(host.mastobak({"run", "--standalone", "--no-upload"}) == 0);
    const auto drill = host.exec(
        {"mastobak", "drill", "--standalone", "--from", "/var/lib/mastobak/staging", "--json"});
    INFO(drill.output << drill.error_tail);
    REQUIRE(drill.ok());
    const auto report = json::parse(drill.output);
    CHECK(report["proven"] == true);
    CHECK(drill.output.find("EXTENSION pg_qualstats") != std::string::npos);
    CHECK(drill.output.find("VIEW public.asks_it") != std::string::npos);
}
