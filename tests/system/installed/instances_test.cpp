// SPDX-License-Identifier: GPL-3.0-or-later
// Two Mastodons on one host, each with units, a database and a daemon of its own.
#include <string>

#include "core/json.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/installed_host.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

// Its units have names that no default and no rule of the package knows.
constexpr auto make_second = R"(
set -euo pipefail
here=/opt/mastobak/tests/support/instance
export PGHOST=/run/postgresql PGUSER=postgres
$here/make-instance /srv/fedi --database fedi_production --owner mastodon --user mastodon --size 2 --files 20
install -m 755 $here/stand-in /srv/fedi/stand-in
for name in web sidekiq; do
    sed -e "s|@DIRECTORY@|/srv/fedi|" -e "s|@USER@|mastodon|" -e "s|PORT=3000|PORT=3001|" \
        $here/units/mastodon-$name.service >/etc/systemd/system/fedi-$name.service
done
install -d -o mastobak -g mastobak /mnt/second
install -d /etc/systemd/system/mastobak@fedi.service.d
printf '[Service]\nReadWritePaths=/mnt/second\n' >/etc/systemd/system/mastobak@fedi.service.d/second.conf
systemctl daemon-reload
systemctl start fedi-web fedi-sidekiq
)";

constexpr auto set_up_second =
    "mastobak setup --instance fedi --yes --directory /srv/fedi --remote /mnt/second";

struct TwoInstances : InstalledHost {
    TwoInstances() { sh(make_second); }

    /// Returns what a command prints, and its exit status in the last line.
    std::string told(const std::string& command) const {
        return sh("status=0; timeout 120 " + command +
                  " 2>&1 </dev/null || status=$?; echo $status");
    }
    /// Returns when the units of an instance have started.
    std::string starts(const std::string& units) const {
        return sh("systemctl show -P InactiveExitTimestampMonotonic " + units);
    }
    /// Returns the units that the newest set of a directory names.
    std::string units_of_newest(const std::string& state) const {
        return sh("jq -r '.units[].name' " + state +
                  "/staging/sets/*/manifest.json | sort | paste "
                  "-sd ' '");
    }
};

}  // namespace

TEST_CASE_METHOD(TwoInstances, "two instances have nights, states and restores of their own") {
    CHECK(says(told("mastobak setup --instance fedi --yes"), "which Mastodon is that"));
    CHECK(says(told("mastobak --instance Fedi status"), "is not the name of an instance"));
    const auto set_up = told(set_up_second);
    CHECK(says(set_up, "its units are fedi-web.service, fedi-sidekiq.service"));
    CHECK(says(set_up, "wrote        /etc/mastobak/fedi/mastobak.yaml"));
    CHECK(says(set_up, "mastobak@fedi.service lets the daemon write"));
    CHECK(says(set_up, "systemctl enable --now mastobak@fedi, then mastobak --instance fedi run"));
    CHECK(set_up.ends_with("\n0"));
    // The same Mastodon is not given to another instance.
    CHECK(says(told("mastobak setup --instance other --yes --directory /srv/fedi"),
               "'/etc/mastobak/fedi/mastobak.yaml' stops 'fedi-web.service' as well"));
    CHECK(sh("ls /etc/mastobak/other 2>/dev/null | wc -l") == "0");

    sh("systemctl enable -q --now mastobak mastobak@fedi");
    const auto others = starts("mastodon-web mastodon-sidekiq");
    CHECK(told("mastobak --instance fedi run").ends_with("\n0"));
    CHECK(starts("mastodon-web mastodon-sidekiq") == others);
    CHECK(units_of_newest("/var/lib/mastobak@fedi") == "fedi-sidekiq.service fedi-web.service");
    CHECK(sets().empty());
    const auto own = starts("fedi-web fedi-sidekiq");
    CHECK(mastobak({"run"}) == 0);
    CHECK(starts("fedi-web fedi-sidekiq") == own);
    CHECK(says(units_of_newest("/var/lib/mastobak"), "mastodon-web.service"));
    CHECK_FALSE(says(units_of_newest("/var/lib/mastobak"), "fedi"));
    CHECK(eventually("ls /mnt/second/sets/*/manifest.json /mnt/offsite/sets/*/manifest.json"));

    // A person who is not root reads the state of both, as the bus permits it.
    const auto status = told("runuser -u nobody -- mastobak status --all");
    CHECK(says(status, "mastobak\nhealth "));
    CHECK(says(status, "\n\nmastobak@fedi\nhealth "));
    const auto all = Json::parse(sh("mastobak status --all --json || true"));
    REQUIRE(all["instances"].size() == 2);
    CHECK(all["instances"][0]["instance"] == "");
    CHECK(all["instances"][1]["instance"] == "fedi");
    CHECK(all["instances"][1]["status"]["config"] == "/etc/mastobak/fedi/mastobak.yaml");
    sh("{ mastobak status --all --json || true; } | /opt/mastobak/tests/support/validate-json "
       "/usr/share/mastobak/schema/status-all.json");
    sh("systemctl stop mastobak@fedi");
    CHECK(says(told("mastobak status --all"), "systemctl start mastobak@fedi"));
    CHECK(told("mastobak status --all").ends_with("\n3"));

    // A restore of one leaves the other as it is.
    const std::string count =
        "psql -XAt -h /run/postgresql -U postgres -c 'SELECT count(*) FROM "
        "statuses' -d ";
    const auto before = sh(count + "fedi_production");
    sh("psql -Xq -h /run/postgresql -U postgres -d fedi_production -c 'TRUNCATE statuses CASCADE'; "
       "rm -r /srv/fedi/public/system/*; "
       "psql -Xq -h /run/postgresql -U postgres -d mastodon_production -c 'CREATE TABLE mine()'");
    const auto running = starts("mastodon-web mastodon-sidekiq");
    CHECK(told("mastobak --instance fedi restore latest --in-place --replace --force --yes")
              .ends_with("\n0"));
    CHECK(sh(count + "fedi_production") == before);
    CHECK(sh("find /srv/fedi/public/system -type f | wc -l") != "0");
    CHECK(starts("mastodon-web mastodon-sidekiq") == running);
    sh("psql -Xq -h /run/postgresql -U postgres -d mastodon_production -c 'DROP TABLE mine'");
    CHECK(mastodon_runs());
}

TEST_CASE_METHOD(TwoInstances,
                 "a run waits for that of the other instance, also when it is killed") {
    REQUIRE(told(set_up_second).ends_with("\n0"));
    sh("systemctl start mastobak mastobak@fedi");
    hold_dump();
    sh("systemd-run -q mastobak run");
    REQUIRE(dump_is_held());
    const auto own = starts("fedi-web fedi-sidekiq");
    sh("systemd-run -q --unit=second-run mastobak --instance fedi run");
    CHECK(eventually("mastobak --instance fedi status | grep -q 'running .*: turn (another run'"));
    CHECK(
        eventually("journalctl -o cat -u mastobak@fedi | grep -q 'waits for its turn: another "
                   "run (process'"));
    CHECK(starts("fedi-web fedi-sidekiq") == own);
    CHECK(sh("ls /var/lib/mastobak@fedi/staging/sets 2>/dev/null | wc -l") == "0");
    // The lock of a process that is dead does not count.
    sh("systemctl kill --kill-whom=main --signal=KILL mastobak");
    CHECK(eventually("ls /var/lib/mastobak@fedi/staging/sets/*/manifest.json"));
    release_dump();
    CHECK(mastodon_runs());
}

TEST_CASE_METHOD(TwoInstances, "units of an instance whose daemon is killed run again") {
    REQUIRE(told(set_up_second).ends_with("\n0"));
    start_daemon();
    hold_dump();
    sh("echo 'consistency: offline' >> /etc/mastobak/fedi/mastobak.yaml; "
       "sed -i 's|^database:|database:\\n  bin_directory: /opt/slow|' "
       "/etc/mastobak/fedi/mastobak.yaml; systemctl start mastobak@fedi; "
       "systemd-run -q mastobak --instance fedi run");
    REQUIRE(
        eventually("test -s /run/mastobak@fedi/stopped-units && ! systemctl is-active -q "
                   "fedi-web"));
    CHECK(mastodon_runs());
    sh("systemctl kill --kill-whom=main --signal=KILL mastobak@fedi");
    CHECK(eventually("systemctl is-active -q fedi-web && systemctl is-active -q fedi-sidekiq"));
    CHECK(eventually("! test -e /run/mastobak@fedi/stopped-units"));
    release_dump();
}
