// SPDX-License-Identifier: GPL-3.0-or-later
#include "drill_fixture.hpp"
#include "integration/postgres/fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
using postgres::Verdict;

namespace {
constexpr auto night = "20261122T030000Z";
}

TEST_CASE_METHOD(DrillFixture, "a good set is proven") {
    publish(night);
    const auto report = drill();
    CHECK(problems_of(report) == "");
    CHECK(report.proven());
    CHECK(report.set == night);
    CHECK(contains(report.source, staging.root().native()));
    CHECK(report.took.count() > 0);
    for (const auto* name : {"manifest", "dump", "index", "configuration", "restore", "rows",
                             "schema version", "foreign keys", "unique indexes", "b-trees"}) {
        CAPTURE(name);
        CHECK(check_of(report, name).verdict == Verdict::good);
        CHECK_FALSE(check_of(report, name).figure.empty());
    }
}

TEST_CASE_METHOD(DrillFixture, "a part that is damaged or cut is a check of its own") {
    publish(night);
    SECTION("a bit in the dump, a cut index, no configuration") {
        flip_bit(part("database.dump.zst"));
        cut(part("media.index.zst"));
        std::filesystem::remove(part("config.tar.zst"));
        const auto report = drill();
        CHECK_FALSE(report.proven());
        CHECK(contains(check_of(report, "dump").problems.at(0), "is not what the manifest says"));
        CHECK(contains(check_of(report, "index").problems.at(0), "is not what the manifest says"));
        CHECK(contains(check_of(report, "configuration").problems.at(0), "No such file"));
    }
    SECTION("a bit in the manifest") {
        flip_bit(part("manifest.json"));
        const auto report = drill();
        CHECK(report.checks.size() == 1);
        CHECK(contains(check_of(report, "manifest").problems.at(0), "SHA256SUMS"));
    }
}
