// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;
using nlohmann::json;

TEST_CASE("the installed daemon reads all again, reports damage, and repair heals it") {
    const InstalledHost host;
    // The period is as short as it may be: all is due in the first slice.
    host.sh("sed -i '1i drill: {schedule: never, scrub_every: 1 h}' /etc/mastobak/mastobak.yaml");
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    const auto set = host.sets().at(0);
    REQUIRE(host.eventually("test -e /mnt/offsite/sets/" + set + "/manifest.json"));
    REQUIRE(
        host.eventually("mastobak status --json | jq -e '.offsite[0] | .queued == 0 and "
                        "(.tidying | not)'"));
    // The daemon looks for idle time every ten minutes, and when it is reloaded.
    host.sh("systemctl reload mastobak");
    REQUIRE(
        host.eventually("mastobak status --json | jq -e '[.scrubs[] | select(.bytes > 0 and "
                        ".read_bytes == .bytes)] | length == 2'"));
    CHECK(host.mastobak({"status"}) == 0);
    CHECK(host.sh("mastobak status").find("read again  remote 'disk': ") != std::string::npos);

    // The copy rots: the pack and the dump there, and verify says which.
    const std::string pack = "$(ls /mnt/offsite/media/*.tar | head -n 1)";
    host.sh("printf x | dd of=" + pack + " bs=1 seek=700 conv=notrunc");
    host.sh("printf x | dd of=/mnt/offsite/sets/" + set +
            "/database.dump.zst bs=1 seek=1000 conv=notrunc");
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
    // What is known is what the daemon reports after its next start, and what repair heals.
    host.sh("systemctl restart mastobak");
    CHECK(host.mastobak({"status"}) == 1);
    CHECK(host.sh("mastobak status || true").find("DAMAGED: ") != std::string::npos);
    CHECK(host.mastobak({"repair", "--plan"}) == 0);
    CHECK(host.sh("/opt/mastobak/tests/support/validate-json "
                  "/usr/share/mastobak/schema/repair.json < <(mastobak repair --plan --json) "
                  "2>&1 || true") == "");
    CHECK(host.mastobak({"repair", "--yes"}) == 0);
    CHECK(host.mastobak({"verify", "--from", "disk"}) == 0);
    CHECK(host.mastobak({"drill", "--standalone", "--from", "disk"}) == 0);
    CHECK(host.sh("cd /mnt/offsite && find . -name '*.damaged' -o -name '.*.tmp'") == "");

    // Staging rots, where another set will use the pack: from the remote.
    host.sh(
        "f=$(ls /var/lib/mastobak/staging/media/*.tar | head -n 1); printf x | dd of=$f bs=1 "
        "seek=700 conv=notrunc");
    CHECK(host.mastobak({"verify"}) == 18);
    CHECK(host.mastobak({"repair", "--yes"}) == 0);
    CHECK(host.mastobak({"verify"}) == 0);
    CHECK(host.sh("stat -c %U /var/lib/mastobak/staging/media/*.tar | sort -u") == "mastobak");
    host.sh("systemctl restart mastobak");
    CHECK(host.mastobak({"status"}) == 0);
    CHECK(host.mastodon_runs());
}
