// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;
using nlohmann::json;

namespace {

constexpr auto no_packs_here = "! ls /var/lib/mastobak/staging/media/*.tar";

/// A host that keeps no pack in staging that is off-site.
struct SmallDiskHost : InstalledHost {
    SmallDiskHost() { sh("sed -i '1i staging: {keep_packs: false}' /etc/mastobak/mastobak.yaml"); }
    std::string packs_off_site() const { return sh("ls -i /mnt/offsite/media"); }
};

}  // namespace

TEST_CASE("packs go from staging once they are off-site, and its sets are good without them") {
    const SmallDiskHost host;
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    CHECK(host.eventually(no_packs_here));
    const auto packs = host.packs_off_site();
    CHECK(host.sh("mastobak verify latest").find("off-site only") != std::string::npos);
    CHECK(host.sh("mastobak show latest").find("off-site only: disk") != std::string::npos);
    CHECK(host.sh("mastobak list").find("off-site only") != std::string::npos);
    const auto status = json::parse(host.sh("mastobak status --json"));
    CHECK(status["storage"]["away"].get<int>() > 0);
    CHECK(status["health"]["verdict"] == "healthy");

    REQUIRE(host.mastobak({"run", "--standalone"}) == 0);
    CHECK(host.eventually("mastobak status --json | grep -q 'queued.: 0,'"));
    CHECK(host.eventually(no_packs_here));
    CHECK(host.packs_off_site().starts_with(packs));
    CHECK(host.mastobak({"verify", "--all"}) == 0);
    host.sh(
        "cd /mnt/offsite/sets/$(ls /mnt/offsite/sets | tail -n 1) && "
        "sha256sum --quiet --check SHA256SUMS");
    CHECK(host.sh("find /var/lib/mastobak -not -user mastobak").empty());
}

TEST_CASE("a machine that has lost all its sets goes on from those off-site that it trusts") {
    const SmallDiskHost host;
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    REQUIRE(host.eventually("mastobak status --json | grep -q 'queued.: 0,'"));
    const auto packs = host.packs_off_site();
    const auto sets = host.sets();
    host.sh(
        "cp /var/lib/mastobak/signing.pub /root/ && systemctl stop mastobak && "
        "rm -r /var/lib/mastobak/*");

    // With another key, which has not signed the existing sets.
    REQUIRE(host.mastobak({"run", "--standalone", "--no-upload"}) == 0);
    CHECK(host.sets().size() == 1);
    host.sh("rm -r /var/lib/mastobak/*");

    host.sh("install -D -m 644 /root/signing.pub /var/lib/mastobak/trusted/old.pub");
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    CHECK(host.journal().find("continues from set=" + sets.at(0)) != std::string::npos);
    CHECK(host.sets().size() == 2);
    CHECK(host.eventually("mastobak status --json | grep -q 'queued.: 0,'"));
    CHECK(host.packs_off_site() == packs);
    CHECK(host.mastobak({"verify", "--all"}) == 0);
}
