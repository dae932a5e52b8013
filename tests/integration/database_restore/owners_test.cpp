// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "dumped.hpp"
#include "integration/postgres/fixture.hpp"
#include "postgres/restore/restore.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using test::Dumped;
using test::PostgresServer;
using test::settings_of;

namespace {

constexpr auto given_out = "given_out";

struct OwnersFixture {
    const PostgresServer& server = PostgresServer::shared();
    postgres::DumpedDatabase facts;
    postgres::RestoreOptions options{.database = given_out};

    OwnersFixture() { server.set_hba("local all all trust\n"); }
    ~OwnersFixture() { server.psql("postgres", "DROP DATABASE IF EXISTS given_out WITH (FORCE)"); }
    OwnersFixture(const OwnersFixture&) = delete;
    OwnersFixture& operator=(const OwnersFixture&) = delete;

    /// Restores a dump, and returns the statements that were left out.
    template <typename Predicate>
    std::string left_out_of(Dumped& dumped, Predicate wanted) {
        facts = dumped.facts();
        options.dump = dumped.file();
        std::string all;
        for (const auto& one :
             postgres::restore_database(settings_of("postgres"), facts, options, {}, {}).left_out)
            if (wanted(one)) all += one.statement;
        return all;
    }
    std::string in_target(const std::string& sql) const { return server.psql(given_out, sql); }
};

}  // namespace

TEST_CASE_METHOD(OwnersFixture,
                 "privileges that PostgreSQL does not grant, and says nothing, are named") {
    Dumped odd("granted");
    server.psql("postgres", "DROP ROLE IF EXISTS reader; CREATE ROLE reader");
    odd.again_with(
        "CREATE SCHEMA more; CREATE EXTENSION pg_trgm SCHEMA more;"
        "GRANT EXECUTE ON FUNCTION more.similarity(text, text) TO reader;"
        "GRANT SELECT ON accounts TO reader; GRANT UPDATE (id) ON accounts TO reader;"
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "REVOKE ALL ON FUNCTION f() FROM PUBLIC");
    const auto all =
        left_out_of(odd, [](const auto& one) { return one.what.find("ACL") != one.what.npos; });
    // The function belongs to the extension, and therefore to a superuser.
    CHECK(all == "GRANT ALL ON FUNCTION more.similarity(text, text) TO reader;\n");
    CHECK(in_target("SELECT has_table_privilege('reader', 'accounts', 'SELECT')") == "t");
    CHECK(in_target("SELECT has_function_privilege('reader', 'f()', 'EXECUTE')") == "f");
}

TEST_CASE_METHOD(OwnersFixture, "each relation belongs to whom it is to belong, or that is told") {
    Dumped odd("owned");
    server.psql("postgres", "DROP ROLE IF EXISTS plain; CREATE ROLE plain");
    odd.again_with(
        "CREATE TABLE given (a serial); CREATE TABLE kept (a int);"
        "CREATE INDEX ON kept ((a + 1)); CREATE FUNCTION of_plain() RETURNS int LANGUAGE sql AS "
        "'SELECT 1';"
        "ALTER TABLE given OWNER TO plain; ALTER TABLE kept OWNER TO plain;"
        "ALTER FUNCTION of_plain() OWNER TO plain");
    const auto all = left_out_of(
        odd, [](const auto& one) { return one.statement.find("postgres") == one.statement.npos; });
    CHECK(all == "ALTER TABLE \"public\".kept OWNER TO \"plain\";\n");
    CHECK(
        in_target(
            "SELECT string_agg(relname || ' ' || pg_get_userbyid(relowner), ', ' ORDER BY relname) "
            "FROM pg_class WHERE relname IN ('given', 'given_a_seq', 'kept')") ==
        "given plain, given_a_seq plain, kept masto don");
}
