// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/check/check.hpp"

#include "dumped.hpp"
#include "integration/postgres/fixture.hpp"
#include "postgres/check/comparison.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using postgres::Check;
using postgres::Connection;
using postgres::Verdict;
using test::contains;
using test::Dumped;
using test::settings_of;

namespace {

/// A restored database, as a drill checks it.
struct CheckFixture {
    const test::PostgresServer& server = test::PostgresServer::shared();
    const Dumped& dumped = original();

    CheckFixture() {
        server.psql("postgres", "DROP DATABASE IF EXISTS checked WITH (FORCE)");
        server.psql("postgres", "CREATE DATABASE checked TEMPLATE \"to be checked\"");
        server.set_hba("local all all trust\n");
        Connection admin(settings_of("checked"));
        postgres::provide_amcheck(admin, "masto don");
        server.psql("checked", "GRANT pg_read_all_data TO \"masto don\"");
    }
    /// As the owner of the database, who is not a superuser.
    static postgres::Settings settings() {
        auto settings = settings_of("checked");
        settings.user = "masto don";
        return settings;
    }
    static const Dumped& original() {
        static const Dumped dumped("to be checked");
        return dumped;
    }
    std::vector<Check> checks() const {
        return postgres::check_database(settings(), dumped.facts(), true, 2, {}, {});
    }
    /// Returns the check that is bad. All others have to be good.
    Check bad() const {
        Check result;
        for (const auto& check : checks()) {
            if (check.verdict == Verdict::bad) {
                CHECK(result.name.empty());
                result = check;
            } else {
                CHECK(check.verdict == Verdict::good);
            }
        }
        REQUIRE(result.problem_count == result.problems.size());
        REQUIRE(result.problem_count > 0);
        return result;
    }
    void sql(const std::string& text) const { server.psql("checked", text); }
};

}  // namespace

TEST_CASE_METHOD(CheckFixture, "a whole database passes every check, each with its figure") {
    const auto all = checks();
    REQUIRE(all.size() == 5);
    for (const auto& check : all) {
        CAPTURE(check.name, check.figure, check.problems);
        CHECK(check.verdict == Verdict::good);
        CHECK(check.figure != "");
    }
    const auto& rows = dumped.facts().rows;
    CHECK(all[0].figure == std::to_string(rows.size()) + " tables, " +
                               std::to_string(postgres::total(rows)) + " rows");
    CHECK(all[1].figure == "20251217091936");
    CHECK(all[2].figure ==
          server.psql("checked", "SELECT count(*) FROM pg_constraint WHERE contype = 'f'") +
              " foreign keys");
    CHECK_FALSE(all[3].figure.starts_with("0 "));
    CHECK_FALSE(all[4].figure.starts_with("0 "));
}

TEST_CASE_METHOD(CheckFixture, "a row that is lacking is found") {
    sql("DELETE FROM \"Odd name\" WHERE id = 7");
    const auto check = bad();
    CHECK(check.name == "rows");
    CHECK(check.problems[0] == "table 'public.Odd name' has 1233 rows, not 1234");
}

TEST_CASE_METHOD(CheckFixture, "a table that is lacking is found") {
    sql("DROP TABLE \"Odd name\"");
    CHECK(bad().problems[0] == "table 'public.Odd name' is missing, with 1234 rows");
}

TEST_CASE_METHOD(CheckFixture, "a schema of another version is found") {
    sql("UPDATE schema_migrations SET version = '3' || version "
        "WHERE version = (SELECT max(version) FROM schema_migrations)");
    CHECK(bad().name == "schema version");
}

TEST_CASE_METHOD(CheckFixture, "orphans are found, unless their key is not valid") {
    sql("ALTER TABLE statuses ADD COLUMN odd int");
    sql("ALTER TABLE statuses ADD CONSTRAINT \"odd's\" FOREIGN KEY (odd) "
        "REFERENCES \"Odd name\" (id) NOT VALID");
    sql("SET session_replication_role = replica; UPDATE statuses SET odd = id + 1000 "
        "WHERE id BETWEEN 200 AND 236");
    for (const auto& check : checks()) CHECK(check.verdict == Verdict::good);
    sql("UPDATE pg_constraint SET convalidated = true WHERE conname = 'odd''s'");
    const auto check = bad();
    CHECK(check.name == "foreign keys");
    CHECK(check.problems[0] ==
          "foreign key 'odd's' of 'public.statuses': 2 rows refer to a row that does not exist");
}

TEST_CASE_METHOD(CheckFixture, "a materialized view that was never filled is not damage") {
    sql("CREATE MATERIALIZED VIEW unfilled AS SELECT id FROM statuses WITH NO DATA;"
        "CREATE UNIQUE INDEX ON unfilled (id)");
    for (const auto& check : checks()) {
        CAPTURE(check.name, check.problems);
        CHECK(check.verdict == Verdict::good);
    }
}

TEST_CASE_METHOD(CheckFixture, "a key that a unique index has missed is found, by both checks") {
    test::break_unique_index("checked");
    // Makes the planner prefer the index, which does not contain the second key.
    sql("ALTER DATABASE checked SET enable_seqscan = off");
    const auto all = checks();
    CHECK(all[3].verdict == Verdict::bad);
    REQUIRE(all[3].problems.size() == 1);
    CHECK(all[3].problems[0] ==
          "unique index 'public.\"Odd name_pkey\"' of 'public.\"Odd name\"': 1 key occurs more "
          "than once");
    CHECK(all[4].verdict == Verdict::bad);
    REQUIRE(all[4].problems.size() == 1);
    CHECK(contains(all[4].problems[0], "index 'public.\"Odd name_pkey\"': "));
    CHECK(contains(all[4].problems[0], "lacks matching index tuple"));
}

TEST_CASE_METHOD(CheckFixture, "an index that is not valid is found") {
    sql("UPDATE pg_index SET indisvalid = false "
        "WHERE indexrelid = 'index_statuses_on_uri'::regclass");
    const auto check = bad();
    CHECK(check.name == "unique indexes");
    CHECK(contains(check.problems[0],
                   "'public.index_statuses_on_uri' of 'public.statuses': it is not valid"));
}

TEST_CASE_METHOD(CheckFixture, "a check is skipped where amcheck cannot be made") {
    server.psql("postgres", "DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN");
    sql("GRANT pg_read_all_data TO weak");
    server.set_hba("local all all trust\n");
    auto settings = settings_of("checked");
    settings.user = "weak";
    const auto all = postgres::check_database(settings, dumped.facts(), true, 2, {}, {});
    CHECK(all[3].verdict == Verdict::good);
    CHECK(all[4].verdict == Verdict::skipped);
    CHECK(contains(all[4].figure, "amcheck"));
}

TEST_CASE_METHOD(CheckFixture, "checks end when they are told to") {
    std::stop_source stop;
    const postgres::OnRestoreProgress progress = [&stop](const postgres::RestoreProgress& now) {
        if (now.step == "unique indexes") stop.request_stop();
    };
    CHECK(test::error_of([&] {
              postgres::check_database(settings(), dumped.facts(), true, 2, progress,
                                       stop.get_token());
          }).code() == Errc::cancelled);
}
