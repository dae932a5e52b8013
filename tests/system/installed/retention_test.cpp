// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;
using nlohmann::json;
using Names = std::vector<std::string>;

namespace {

/// The policy keeps one set of the day, and pinned sets.
struct RetentionHost : InstalledHost {
    RetentionHost() {
        sh("sed -i '1i retention: {daily: 1, weekly: 0, monthly: 0, minimum: 1}' "
           "/etc/mastobak/mastobak.yaml");
        sh("useradd stranger; useradd -G mastobak colleague");
    }

    /// Makes a set, and waits until it is uploaded.
    std::string run() const {
        REQUIRE(mastobak({"run"}) == 0);
        auto set = sets().back();
        CHECK(eventually("mastobak status --json | jq -e '.offsite[0].queued == 0'"));
        return set;
    }
    /// Returns whether these sets remain. Retention runs a moment after the upload.
    bool has_sets(const Names& expected) const {
        const auto are_there = [&] { return sets() == expected; };
        return mastobak::test::eventually(are_there, std::chrono::seconds(30));
    }
    int as(const std::string& user, const std::string& command) const {
        return exec({"runuser", "-u", user, "--", "mastobak", command}).exit_status;
    }
    json state() const { return json::parse(sh("mastobak status --json || true")); }
};

}  // namespace

TEST_CASE("old sets go with every run and by mastobak prune, but not those that are pinned") {
    const RetentionHost host;
    host.start_daemon();
    host.run();
    const auto second = host.run();
    CHECK(host.has_sets({second}));
    CHECK(host.mastobak({"verify", "--all"}) == 0);
    CHECK(host.mastobak({"keep", second}) == 0);
    const auto third = host.run();
    CHECK(host.has_sets({second, third}));
    CHECK(host.sh("mastobak prune --dry-run").find(second + "  kept     pinned") !=
          std::string::npos);
    CHECK(host.sh("mastobak list").find("pinned") != std::string::npos);

    CHECK(host.mastobak({"keep", second, "--release"}) == 0);
    CHECK(host.sets() == Names{second, third});
    CHECK(host.as("stranger", "prune") == 21);
    CHECK(host.as("colleague", "prune") == 0);
    CHECK(host.sets() == Names{third});
    CHECK(host.mastobak({"verify", "--all"}) == 0);

    const auto state = host.state();
    CHECK(state["pruned"][0]["remote"].is_null());
    CHECK(state["pruned"][0]["sets"].size() == 2);
    CHECK(state["storage"]["live"].get<int>() > 0);
    CHECK(host.sh("mastobak status").find("the next run needs") != std::string::npos);
    CHECK(host.sh("find /var/lib/mastobak -not -user mastobak").empty());
}

TEST_CASE(
    "a set waits in staging for a remote that takes nothing, and prune works without a daemon") {
    const RetentionHost host;
    host.sh("chown root /mnt/offsite");
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    REQUIRE(host.mastobak({"run"}) == 0);
    CHECK(host.sets().size() == 2);
    CHECK(host.sh("mastobak prune --dry-run || true").find("waits for its copy to 'disk'") !=
          std::string::npos);
    host.sh("systemctl stop mastobak");
    CHECK(host.mastobak({"prune", "--unsent"}) == 0);
    CHECK(host.sets().size() == 1);
    CHECK(host.sh("find /var/lib/mastobak -not -user mastobak").empty());
}

TEST_CASE("retention that fails is a warning, and the run a success") {
    const RetentionHost host;
    host.start_daemon();
    host.run();
    host.sh("chattr +i /var/lib/mastobak/staging/sets/*");
    const auto run = json::parse(host.sh("mastobak run --json"));
    CHECK(run.at("ok") == true);
    CHECK(run.at("warnings").dump().find("could not be removed from staging") != std::string::npos);
    CHECK(host.sh("mastobak status").find("retention   staging: FAILED") != std::string::npos);
    CHECK(host.mastobak({"status"}) == 0);
    host.sh("chattr -i /var/lib/mastobak/staging/sets/*");
    CHECK(host.mastobak({"prune"}) == 0);
    CHECK(host.sets().size() == 1);
}
