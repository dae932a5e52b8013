// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.hpp"
#include "daemon/commands/sets/verify.hpp"
#include "daemon/jobs/scrub_job.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/json.hpp"
#include "daemon/restores/selected_set.hpp"
#include "perform.hpp"
#include "store/formats/signature.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/store_fixture.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

struct ScrubJobFixture : test::StoreFixture {
    const std::string set = "20261121T030000Z";
    const fs::path disk = directory / "disk";
    config::Config config;
    test::FakeClock clock;
    Options options;

    ScrubJobFixture() {
        publish(set);
        fs::create_directory(disk);
        fs::copy(staging.sets(), disk / "sets", fs::copy_options::recursive);
        fs::copy(staging.media(), disk / "media", fs::copy_options::recursive);
        config.staging.path = staging.root();
        config.state_directory = directory / "state";
        fs::create_directory(config.state_directory);
        config::Remote remote;
        remote.name = "disk";
        remote.type = config::RemoteType::directory;
        remote.target = disk;
        config.offsite = {remote};
        options.config = directory / "mastobak.yaml";
        test::write(options.config, "state_directory: " + config.state_directory.native() +
                                        "\nstaging:\n  path: " + staging.root().native() +
                                        "\noffsite:\n  - name: disk\n    type: directory\n"
                                        "    target: " +
                                        disk.native() + "\n");
    }
    std::vector<scrub::Report> slice() {
        return scrub_due_places(config, clock, [](auto, const auto&) {}, {});
    }
    /// Scrubs a slice in each of these hours.
    void scrub_for(std::chrono::hours hours) {
        for (auto hour = 0h; hour < hours; ++hour) {
            slice();
            clock.advance(1h);
        }
    }
    Health health() {
        State state;
        state.scrubs = read_scrubs(config, clock.now());
        return judge(state, to_set_name(clock.now()), config, clock.now());
    }
};

}  // namespace

TEST_CASE_METHOD(ScrubJobFixture, "hour by hour, all is read at each place, and said") {
    CHECK(slice().size() == 2);
    CHECK(slice().empty());  // at most once an hour
    clock.advance(1h);
    scrub_for(24h);
    for (const auto& summary : read_scrubs(config, clock.now())) {
        CHECK(summary.bytes.count > 0);
        CHECK(summary.read == summary.bytes);
        CHECK(summary.damaged_count == 0);
    }
    const auto reasons = health().reasons;
    CHECK(std::ranges::none_of(
        reasons, [](const auto& reason) { return reason.find("damaged") != reason.npos; }));
    // The health reports that there was no time to scrub for months.
    clock.advance(24h * 91);
    CHECK(std::ranges::any_of(health().reasons, [](const auto& reason) {
        return reason.find("were not read again within") != reason.npos;
    }));
}

TEST_CASE_METHOD(ScrubJobFixture, "what verify has read here counts, and its damage is known") {
    const auto verified = [&] {
        options.json = true;
        command_verify(options, {.all = true});
        return read_scrubs(config, clock.now()).at(0);
    };
    const auto good = verified();
    CHECK(good.bytes.count > 0);
    CHECK(good.read == good.bytes);
    CHECK(good.damaged_count == 0);
    const auto file = staging.set(set) / "database.dump.zst";
    test::write(file, "DUMP of " + set);
    const auto damaged = verified();
    REQUIRE(damaged.damaged.size() == 1);
    CHECK(damaged.damaged.begin()->first == "sets/" + set + "/database.dump.zst");
    CHECK(damaged.damaged.begin()->second.problem == "its contents changed");
    CHECK(damaged.damaged.begin()->second.sets == std::vector{set});
    CHECK(health().verdict == Health::Verdict::failed);
    test::write(file, "dump of " + set);
    CHECK(verified().damaged_count == 0);
    // Damage of a set that this host has not signed is not recorded.
    fs::remove_all(scrub::ledger_directory(config.state_directory));
    store::make_keys(config.state_directory, staging);
    fs::remove(staging.set(set) / store::signature_name);
    CHECK(verified().objects == 0);
}

TEST_CASE_METHOD(ScrubJobFixture, "damage makes the host unhealthy, until it is repaired") {
    const auto file = disk / "sets" / set / "database.dump.zst";
    test::write(file, "DUMP of " + set);
    scrub_for(24h);
    const auto found = health();
    CHECK(found.verdict == Health::Verdict::failed);
    REQUIRE_FALSE(found.reasons.empty());
    CHECK(found.reasons[0].find("remote 'disk': 1 object is damaged: 'sets/" + set +
                                "/database.dump.zst' is damaged: its contents changed; used by 1 "
                                "set: " +
                                set + "; an intact copy is at staging") != std::string::npos);
    // The daemon reports the same.
    State state;
    state.scrubs = read_scrubs(config, clock.now());
    const auto told = record_from<State>(Json::parse(to_json(state).dump())).scrubs;
    REQUIRE(told.size() == 2);
    CHECK(told[1].damaged.begin()->second.good_copy == "staging");
    CHECK(to_json(told[1]) == to_json(state.scrubs[1]));

    // A restore and its plan report damage of the chosen place.
    const ChosenSet there(options, "disk", set, {});
    const auto lines = there.damage().lines(20);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("database.dump.zst' is damaged") != std::string::npos);
    CHECK(lines[0].ends_with("; mastobak repair heals it"));
    CHECK_FALSE(ChosenSet(options, "", set, {}).damage().any());

    CHECK(test::perform(options, "repair --plan") == 0);
    CHECK(test::read(file) == "DUMP of " + set);
    CHECK_THROWS_AS(test::perform(options, "repair"),
                    Error);  // there is no terminal for the question
    CHECK_THROWS_AS(test::perform(options, "repair --from other"), Error);
    options.json = GENERATE(false, true);
    CHECK(test::perform(options, "repair --yes") == 0);
    CHECK(test::read(file) == "dump of " + set);
    CHECK(health().verdict != Health::Verdict::failed);
    CHECK(test::perform(options, "repair --yes") == 0);
}

TEST_CASE_METHOD(ScrubJobFixture, "a place that cannot be read holds up no other, and is told") {
    config.offsite.insert(config.offsite.begin(), config.offsite.front());
    config.offsite.front().name = "gone";
    config.offsite.front().target = directory / "gone";
    config.offsite.front().mounted = true;
    const auto reports = slice();
    REQUIRE(reports.size() == 3);
    CHECK_FALSE(reports[1].problem.empty());
    CHECK(reports[2].problem.empty());
    CHECK(reports[2].objects > 0);
    CHECK(read_scrubs(config, clock.now())[1].problem == reports[1].problem);
}

TEST_CASE_METHOD(ScrubJobFixture, "without a period nothing is read") {
    config.drill.scrub_every.reset();
    CHECK(slice().empty());
    CHECK(read_scrubs(config, clock.now()).empty());
}

TEST_CASE_METHOD(ScrubJobFixture, "what cannot be healed is a failure of repair") {
    test::write(disk / "sets" / set / "database.dump.zst", "DUMP of " + set);
    test::write(staging.set(set) / "database.dump.zst", "DUMP of " + set);
    scrub_for(24h);
    CHECK(test::perform(options, "repair --plan") == exit_status(Errc::corrupt));
    CHECK(test::perform(options, "repair --yes") == exit_status(Errc::corrupt));
    CHECK(test::read(staging.set(set) / "database.dump.zst") == "DUMP of " + set);
}
