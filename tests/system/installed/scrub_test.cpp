// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/installed_host.hpp"
#include "support/prometheus_text.hpp"

using mastobak::test::InstalledHost;
using mastobak::test::PrometheusText;
using nlohmann::json;

namespace {

const std::string metrics = "/var/lib/mastobak/mastobak.prom";

/// Returns whether the file for node_exporter gets this line.
bool measured(const InstalledHost& host, const std::string& line) {
    return host.eventually("grep -qxF '" + line + "' " + metrics);
}

}  // namespace

TEST_CASE("the installed daemon reads all again, reports damage, and repair heals it") {
    const InstalledHost host;
    // With the shortest period, the first slice reads all objects.
    host.sh(
        "sed -i '1i drill: {schedule: never, scrub_every: 1 h}' /etc/mastobak/mastobak.yaml; "
        "sed -i '1i metrics: {textfile: " +
        metrics + "}' /etc/mastobak/mastobak.yaml");
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    const auto set = host.sets().at(0);
    REQUIRE(host.eventually("test -e /mnt/offsite/sets/" + set + "/manifest.json"));
    REQUIRE(
        host.eventually("mastobak status --json | jq -e '.offsite[0] | .queued == 0 and "
                        "(.tidying | not)'"));
    // The daemon looks for idle time every ten minutes, and after a reload.
    host.sh("systemctl reload mastobak");
    REQUIRE(
        host.eventually("mastobak status --json | jq -e '[.scrubs[] | select(.bytes > 0 and "
                        ".read_bytes == .bytes)] | length == 2'"));
    CHECK(host.mastobak({"status"}) == 0);
    CHECK(host.sh("mastobak status").find("read again  remote 'disk': ") != std::string::npos);
    for (const auto* line : {"mastobak_health 0", "mastobak_last_run_success 1",
                             "mastobak_offsite_queued_sets{remote=\"disk\"} 0",
                             "mastobak_offsite_waiting_bytes{remote=\"disk\"} 0",
                             "mastobak_scrub_damaged_objects{place=\"remote\",remote=\"disk\"} 0",
                             "mastobak_scrub_never_read_bytes{place=\"staging\"} 0"})
        CHECK(measured(host, line));
    CHECK(host.sh("stat -c '%a %U' " + metrics) == "644 mastobak");
    CHECK(PrometheusText(host.sh("cat " + metrics) + "\n").problem == "");

    // The pack and the dump of the copy are damaged, and verify reports them.
    const std::string pack = "$(ls /mnt/offsite/media/*.tar | head -n 1)";
    host.sh("printf x | dd of=" + pack + " bs=1 seek=700 conv=notrunc");
    host.sh("printf x | dd of=/mnt/offsite/database/" + set +
            "-base.dump.zst bs=1 seek=1000 conv=notrunc");
    const auto verify = host.exec({"mastobak", "verify", "--from", "disk", "--json"});
    CHECK(verify.exit_status == 18);
    const auto report = json::parse(verify.output);
    REQUIRE(report["damaged"].size() == 2);
    for (const auto& damage : report["damaged"]) {
        CHECK(damage["good_copy"] == "staging");
        CHECK(damage["sets"] == json::array({set}));
    }
    CHECK(host.sh("/opt/mastobak/tests/support/validate-json "
                  "/usr/share/mastobak/schema/verify-remote.json < <(mastobak verify --from disk "
                  "--json || true) 2>&1 || true") == "");
    // After a restart, the daemon still reports the damage, and repair mends it.
    host.sh("systemctl restart mastobak");
    CHECK(host.mastobak({"status"}) == 1);
    CHECK(host.sh("mastobak status || true").find("DAMAGED: ") != std::string::npos);
    CHECK(measured(host, "mastobak_scrub_damaged_objects{place=\"remote\",remote=\"disk\"} 2"));
    CHECK(measured(host, "mastobak_health 1"));
    CHECK(host.mastobak({"repair", "--plan"}) == 0);
    CHECK(host.sh("/opt/mastobak/tests/support/validate-json "
                  "/usr/share/mastobak/schema/repair.json < <(mastobak repair --plan --json) "
                  "2>&1 || true") == "");
    CHECK(host.mastobak({"repair", "--yes"}) == 0);
    CHECK(host.mastobak({"verify", "--from", "disk"}) == 0);
    CHECK(host.mastobak({"drill", "--standalone", "--from", "disk"}) == 0);
    CHECK(host.sh("cd /mnt/offsite && find . -name '*.damaged' -o -name '.*.tmp'") == "");

    // A damaged pack in staging, which a later set will use, is repaired from the remote.
    host.sh(
        "f=$(ls /var/lib/mastobak/staging/media/*.tar | head -n 1); printf x | dd of=$f bs=1 "
        "seek=700 conv=notrunc");
    CHECK(host.mastobak({"verify"}) == 18);
    CHECK(host.sh("find /var/lib/mastobak/scrub ! -user mastobak") == "");
    // The daemon notices this when it inspects staging again.
    host.sh("systemctl reload mastobak");
    CHECK(measured(host, "mastobak_scrub_damaged_objects{place=\"staging\"} 1"));
    CHECK(host.mastobak({"repair", "--yes"}) == 0);
    CHECK(host.mastobak({"verify"}) == 0);
    CHECK(host.sh("stat -c %U /var/lib/mastobak/staging/media/*.tar | sort -u") == "mastobak");
    host.sh("systemctl restart mastobak");
    CHECK(host.mastobak({"status"}) == 0);
    // A file that is no longer updated is removed.
    host.sh("sed -i '/^metrics:/d' /etc/mastobak/mastobak.yaml; systemctl reload mastobak");
    CHECK(host.eventually("test ! -e " + metrics));
    CHECK(host.mastodon_runs());
}
