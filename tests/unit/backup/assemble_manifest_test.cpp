// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/assemble_manifest.hpp"

#include "backup/version.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

namespace {

backup::Plan some_plan() {
    backup::Plan plan;
    plan.instance.environment["DB_USER"] = "mastodon";
    plan.database.database = "mastodon_production";
    plan.facts.server_version_text = "15.8";
    plan.facts.schema_version = "2026";
    plan.facts.encoding = "UTF8";
    plan.facts.collation = "en_US.UTF-8";
    plan.facts.ctype = "C";
    plan.facts.locale_provider = "icu";
    plan.facts.locale = "en-US";
    plan.facts.owner = "owner";
    plan.facts.size = Bytes{1000};
    plan.facts.extensions = {{"pg_trgm", "1.6"}};
    plan.facts.tablespaces = {"fast"};
    plan.recorded.roles = {"reader"};
    plan.recorded.settings = {"ALTER DATABASE x"};
    plan.tools.version = "pg_dump 15.8";
    plan.warnings = {"of the plan"};  // the run has put it among its own
    return plan;
}

backup::NightResults some_results() {
    const auto begun = *parse_iso8601("2026-11-22T03:00:00Z");
    backup::NightResults results;
    results.set = "20261122T030000Z";
    results.host = "social";
    results.started_at = begun;
    results.instant = begun + 5min;
    results.finished_at = begun + 9min;
    results.outage = {.consistent = true,
                      .units = {{"mastodon-web.service", 4s}},
                      .down = {},
                      .quiet = 1s,
                      .freeze = 2s,
                      .downtime = 4s,
                      .parts = {{"stop", 1s}, {"start", 3s}},
                      .warnings = {"of the outage"}};
    results.dump_uncompressed = Bytes{500};
    results.rows = {{"public.users", 3}};
    results.media.emplace();
    results.media->root = "/srv/media";
    results.media->files = 12;
    results.reconciliation.done = true;
    results.config_files = {"etc/mastodon/.env.production"};
    results.warnings = {"of the outage", "of the media"};
    return results;
}

}  // namespace

TEST_CASE("a manifest has the times of the night and the warnings of all steps, once") {
    const auto manifest =
        backup::assemble_manifest(config::ConsistencyMode::quiesce, some_plan(), some_results());
    CHECK(manifest.set == "20261122T030000Z");
    CHECK(manifest.host == "social");
    CHECK(manifest.mastobak_version == backup::version);
    CHECK(manifest.mode == "quiesce");
    CHECK(manifest.finished_at - manifest.started_at == 9min);
    CHECK(manifest.instant - manifest.started_at == 5min);
    CHECK(manifest.warnings == Names{"of the outage", "of the media"});
    CHECK(manifest.config_files == Names{"etc/mastodon/.env.production"});
    CHECK(manifest.artifacts.empty());  // the set adds them
}

TEST_CASE("a manifest says how long Mastodon was down, and whether all is of one instant") {
    const auto manifest =
        backup::assemble_manifest(config::ConsistencyMode::offline, some_plan(), some_results());
    CHECK(manifest.mode == "offline");
    CHECK(manifest.consistent);
    CHECK(manifest.quiet == 1s);
    CHECK(manifest.freeze == 2s);
    CHECK(manifest.downtime == 4s);
    REQUIRE(manifest.units.size() == 1);
    CHECK(manifest.units[0].name == "mastodon-web.service");
    REQUIRE(manifest.downtime_parts.size() == 2);
    CHECK(manifest.downtime_parts[1].took == 3s);
}

TEST_CASE("a manifest of a night without an outage claims no consistency") {
    auto results = some_results();
    results.outage = {};
    const auto manifest =
        backup::assemble_manifest(config::ConsistencyMode::live, some_plan(), std::move(results));
    CHECK(manifest.mode == "live");
    CHECK_FALSE(manifest.consistent);
    CHECK(manifest.units.empty());
    CHECK(manifest.downtime == 0s);
}

TEST_CASE("a manifest describes the database as the plan found it, and the dump as it was made") {
    const auto database =
        backup::assemble_manifest(config::ConsistencyMode::quiesce, some_plan(), some_results())
            .database;
    CHECK(database.name == "mastodon_production");
    CHECK(database.owner == "owner");
    CHECK(database.mastodon_role == "mastodon");
    CHECK(database.roles == Names{"reader"});
    CHECK(database.settings == Names{"ALTER DATABASE x"});
    CHECK(database.server_version == "15.8");
    CHECK(database.schema_version == "2026");
    CHECK(database.encoding == "UTF8");
    CHECK(database.collation == "en_US.UTF-8");
    CHECK(database.ctype == "C");
    CHECK(database.locale_provider == "icu");
    CHECK(database.locale == "en-US");
    CHECK(database.pg_dump_version == "pg_dump 15.8");
    CHECK(database.size == Bytes{1000});
    CHECK(database.dump_uncompressed == Bytes{500});
    CHECK(database.rows == postgres::RowCounts{{"public.users", 3}});
    CHECK(database.extensions == Names{"pg_trgm 1.6"});
    CHECK(database.tablespaces == Names{"fast"});
}

TEST_CASE("media that is elsewhere is not described") {
    auto results = some_results();
    CHECK_FALSE(backup::assemble_manifest(config::ConsistencyMode::quiesce, some_plan(), results)
                    .media.elsewhere);
    results.media.reset();
    const auto manifest =
        backup::assemble_manifest(config::ConsistencyMode::quiesce, some_plan(), results);
    CHECK(manifest.media.elsewhere);
    CHECK(manifest.media.root.empty());
    CHECK(manifest.reconciliation.done);
}
