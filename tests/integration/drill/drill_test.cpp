// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>

#include "core/crypto/sha256.hpp"
#include "drill_fixture.hpp"
#include "drill_night.hpp"
#include "integration/postgres/fixture.hpp"
#include "postgres/contents/contents_file.hpp"
#include "store/formats/manifest.hpp"
#include "store/formats/sha256sums.hpp"
#include "support/catch.hpp"
#include "support/processes.hpp"

using namespace mastobak;
using namespace mastobak::test;
using postgres::Verdict;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {
constexpr auto earlier = "20261121T030000Z";
}  // namespace

TEST_CASE_METHOD(DrillFixture, "a good set is proven") {
    publish(night);
    std::string steps;
    const auto report = drill({}, [&](const restore::DrillProgress& now) {
        CHECK(now.fraction <= 1);
        if (!steps.ends_with(now.step + " ")) steps += now.step + " ";
    });
    CHECK(steps == "fetch restore check media ");
    CHECK(problems_of(report) == "");
    CHECK(report.proven());
    CHECK(report.set == night);
    CHECK(contains(report.source, staging.root().native()));
    CHECK(report.took.count() > 0);
    REQUIRE(report.full_restore);
    CHECK(report.full_restore->database > 0s);
    CHECK(report.full_restore->media > 0s);
    CHECK(report.full_restore->fetch == 0s);
    CHECK(report.full_restore->total() < 60s);
    CHECK(report.fetched.count == 0);
    for (const auto* name :
         {"manifest", "sums", "dump", "index", "configuration", "packs", "secrets", "contents",
          "restore", "rows", "sequences", "schema", "schema version", "foreign keys",
          "unique indexes", "b-trees", "files", "encryption", "media"}) {
        CAPTURE(name);
        CHECK(check_of(report, name).verdict == Verdict::good);
        CHECK_FALSE(check_of(report, name).figure.empty());
    }
    CHECK(check_of(report, "encryption").figure == "1 value decrypted");
    CHECK(check_of(report, "files").figure == "20 files");
    CHECK(contains(check_of(report, "media").figure, "20 of 20 files"));
    CHECK(check_of(report, "media").read.count == 20);
    CHECK(check_of(report, "dump").read.bytes.count == fs::file_size(part("database.dump.zst")));
    CHECK(check_of(report, "packs").by_size.count > 0);
    REQUIRE(report.media);
    CHECK(report.media->ever == report.media->of);
    CHECK(report.media->drills_left == 0U);
}

TEST_CASE_METHOD(DrillFixture, "a set of before is proven by what it says, and that is told") {
    recorded_contents = false;
    publish(night);
    const auto report = drill();
    CHECK(problems_of(report) == "");
    CHECK(report.proven());
    CHECK(contains(check_of(report, "rows").figure, "by number: an older mastobak made the set"));
    CHECK(check_of(report, "sequences").verdict == Verdict::skipped);
    CHECK(check_of(report, "schema").verdict == Verdict::good);
    // A set with a damaged file of contents is not proven.
    recorded_contents = true;
    publish("20261123T030000Z");
    cut(part(postgres::contents_name));
    const auto damaged = drill();
    CHECK_FALSE(damaged.proven());
    CHECK(check_of(damaged, "contents").verdict == Verdict::bad);
    CHECK(check_of(damaged, "schema").verdict == Verdict::good);
}

TEST_CASE_METHOD(DrillFixture, "what a drill starts goes behind everybody else") {
    publish(night);
    write(options.scratch / "postgres-dead/data", "what was left by one that was killed");
    const auto umask_before = ::umask(0077);
    bool looked = false;
    const auto report = drill({}, [&](const restore::DrillProgress& now) {
        if (now.step != "check" || looked) return;
        looked = true;
        const auto servers = processes_with(options.scratch);
        CHECK_FALSE(servers.empty());
        for (const auto pid : servers) CHECK(::sched_getscheduler(pid) == SCHED_IDLE);
    });
    ::umask(umask_before);
    CHECK(looked);
    CHECK(report.proven());
}

TEST_CASE_METHOD(DrillFixture, "a set is proven from a remote, of which a sample is read") {
    options.media_sample = 0.1;
    options.media_minimum = 4;
    index_as = GENERATE(IndexAs::whole, IndexAs::changes);
    publish(night);
    auto source = remote_of(staging.root());
    const auto report = drill_from(*source);
    source.reset();
    CHECK(fs::is_empty(directory / "scratch-of-source"));
    CHECK(problems_of(report) == "");
    CHECK(report.proven());
    CHECK(contains(report.source, "remote 'disk'"));
    CHECK(report.fetched.count > fs::file_size(part("database.dump.zst")));
    CHECK_FALSE(contains(check_of(report, "media").figure, "20 of 20 files"));
    CHECK(contains(check_of(report, "media").figure, "of 20 files"));
}

TEST_CASE_METHOD(DrillFixture, "a part that is damaged or cut is a check of its own") {
    publish(night);
    SECTION("a bit in the dump, a cut index, no configuration") {
        flip_bit(part("database.dump.zst"));
        cut(part("media.index.zst"));
        fs::remove(part("config.tar.zst"));
        const auto report = drill();
        CHECK_FALSE(report.proven());
        CHECK(contains(check_of(report, "dump").problems.at(0), "is not what the manifest says"));
        CHECK(contains(check_of(report, "index").problems.at(0), "is not what the manifest says"));
        CHECK(contains(check_of(report, "configuration").problems.at(0), "No such file"));
        for (const auto* name : {"restore", "media", "secrets"})
            CHECK(check_of(report, name).verdict == Verdict::skipped);
        CHECK_FALSE(report.full_restore);
    }
    SECTION("a bit in the configuration, a cut dump, at a remote") {
        flip_bit(part("config.tar.zst"));
        cut(part("database.dump.zst"));
        flip_bit(part("media.index.zst"));
        const auto source = remote_of(staging.root());
        const auto report = drill_from(*source);
        CHECK(contains(check_of(report, "configuration").problems.at(0), "remote 'disk'"));
        CHECK(contains(check_of(report, "dump").problems.at(0), "remote 'disk'"));
        CHECK(contains(check_of(report, "index").problems.at(0), "remote 'disk'"));
    }
    SECTION("a bit in the manifest") {
        flip_bit(part("manifest.json"));
        const auto report = drill();
        CHECK(report.checks.size() == 1);
        CHECK(contains(check_of(report, "manifest").problems.at(0), "SHA256SUMS"));
    }
}

TEST_CASE_METHOD(DrillFixture, "damage to a shared index, or to the changes since then, is found") {
    index_as = IndexAs::changes;
    publish(night);
    cut(part("database.dump.zst"));  // without a dump, the drill is short
    const auto base = staging.shared(staging.manifest(set).media.index_base.value().name);
    const auto from_remote = GENERATE(false, true);
    const auto source = remote_of(staging.root());
    SECTION("the base") {
        flip_bit(base);
        const auto report = from_remote ? drill_from(*source) : drill();
        CHECK(contains(check_of(report, "base of the index").problems.at(0),
                       "is not what the manifest says"));
        CHECK(check_of(report, "index").problems.empty());
        CHECK(check_of(report, "media").verdict == Verdict::skipped);
    }
    SECTION("the changes") {
        flip_bit(part(store::index_changes));
        const auto report = from_remote ? drill_from(*source) : drill();
        CHECK(check_of(report, "base of the index").problems.empty());
        CHECK(contains(check_of(report, "index").problems.at(0), "is not what the manifest says"));
        CHECK(check_of(report, "media").verdict == Verdict::skipped);
    }
    SECTION("the list of the parts of the base") {
        flip_bit(part(store::index_parts));
        const auto report = from_remote ? drill_from(*source) : drill();
        CHECK(contains(check_of(report, "index parts").problems.at(0),
                       "is not what the manifest says"));
        CHECK(check_of(report, "media").verdict == Verdict::good);
    }
}

TEST_CASE_METHOD(DrillFixture,
                 "a set whose manifest lacks a dump or a configuration is not proven") {
    publish(night);
    auto manifest = store::parse_manifest(read(part("manifest.json")), "");
    std::erase_if(manifest.artifacts,
                  [](const auto& artifact) { return artifact.name != "media.index.zst"; });
    write(part("manifest.json"), store::to_json(manifest));
    // Like an attacker who can write to the set.
    std::vector<store::Sum> sums{{"manifest.json", sha256_of_file(part("manifest.json"))},
                                 {"media.index.zst", sha256_of_file(part("media.index.zst"))}};
    for (const auto& pack : manifest.media.packs)
        sums.push_back({store::path_in_sums(pack.name), pack.sha256});
    write(part("SHA256SUMS"), store::to_sha256sums(sums));
    const auto report = drill();
    CHECK_FALSE(report.proven());
    CHECK(problems_of(report) ==
          "dump: the manifest does not name 'database.dump.zst'\n"
          "configuration: the manifest does not name 'config.tar.zst'\n");
}

TEST_CASE_METHOD(DrillFixture, "packs that are damaged, cut, or not there are found") {
    publish(night);
    without_dump();  // media need no server
    SECTION("nothing is wrong with them") {
        const auto report = drill();
        CHECK(check_of(report, "packs").verdict == Verdict::good);
        CHECK(check_of(report, "media").verdict == Verdict::good);
    }
    SECTION("a bit") {
        flip_bit(pack());
        const auto report = drill();
        CHECK(check_of(report, "packs").verdict == Verdict::good);
        CHECK(check_of(report, "media").problem_count == 1);
        CHECK(contains(check_of(report, "media").problems.at(0), ".mp3"));
    }
    SECTION("one that is missing") {
        const auto name = pack().filename().native();
        fs::remove(pack());
        const auto report = drill();
        CHECK(check_of(report, "packs").problems.at(0) ==
              fmt::format("pack '{}' is missing", name));
        CHECK(contains(check_of(report, "media").problems.at(0), name));
    }
    SECTION("one that is cut") {
        cut(pack());
        const auto report = drill();
        CHECK(contains(check_of(report, "packs").problems.at(0), "bytes, not"));
        CHECK(check_of(report, "media").problem_count > 0);
    }
    SECTION("one that is missing at a remote") {
        fs::remove(pack());
        const auto source = remote_of(staging.root());
        const auto report = drill_from(*source);
        CHECK(contains(check_of(report, "packs").problems.at(0), "is missing"));
    }
}

TEST_CASE_METHOD(DrillFixture, "a pack of another set under the right name is found") {
    publish(earlier);
    const auto other = read(pack());
    for (int id = 1; id <= 20; ++id) rewrite(id, fmt::format("THE CONTENTS OF {}", id));
    publish(night);
    without_dump();
    REQUIRE(other.size() == fs::file_size(pack()));
    write(pack(), other);
    options.media_sample = 0;
    options.media_minimum = 0;  // reads only the end of each pack
    const auto report = drill();
    CHECK(check_of(report, "media").read.count == 0);
    CHECK(contains(check_of(report, "packs").problems.at(0), "SHA-256"));
}
