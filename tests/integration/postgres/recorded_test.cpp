// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixture.hpp"
#include "postgres/inspect.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using test::settings_of;

namespace {

constexpr auto odd = R"(
CREATE ROLE "of Masto'don" LOGIN;
CREATE ROLE "who reads";
CREATE ROLE "has nothing";
ALTER DATABASE "re'corded" SET statement_timeout = '5min';
ALTER DATABASE "re'corded" SET search_path = "my schema", public;
ALTER ROLE "of Masto'don" SET lock_timeout = '1s';
ALTER ROLE "of Masto'don" IN DATABASE "re'corded" SET application_name = 'it''s, "odd"';
ALTER ROLE "has nothing" SET lock_timeout = '2s';
CREATE TABLE t (a int);
GRANT SELECT (a) ON t TO "who reads";
)";

struct Odd {
    Odd() {
        server.create_database("re'corded");
        server.psql("re'corded", odd);
    }
    ~Odd() {
        server.psql("postgres", "DROP DATABASE \"re'corded\"");
        server.psql("postgres", "DROP ROLE \"of Masto'don\", \"who reads\", \"has nothing\"");
    }
    Odd(const Odd&) = delete;
    Odd& operator=(const Odd&) = delete;
    const test::PostgresServer& server = test::PostgresServer::shared();
};

}  // namespace

TEST_CASE_METHOD(Odd, "settings of the database and of Mastodon's role are recorded") {
    auto connection = postgres::Connection(settings_of("re'corded"));
    const auto recorded = postgres::record(connection, "of Masto'don");
    CHECK(recorded.settings ==
          std::vector<std::string>{
              "ALTER DATABASE \"re'corded\" SET search_path TO \"my schema\", public;",
              "ALTER DATABASE \"re'corded\" SET statement_timeout TO '5min';",
              "ALTER ROLE \"of Masto'don\" IN DATABASE \"re'corded\" SET application_name TO "
              "'it''s, \"odd\"';",
              "ALTER ROLE \"of Masto'don\" SET lock_timeout TO '1s';"});
    // The statements can be run unchanged.
    for (const auto& statement : recorded.settings) connection.query(statement);
    CHECK(postgres::record(connection, "of Masto'don").settings == recorded.settings);
}

TEST_CASE_METHOD(Odd, "no value of a setting is a statement of its own") {
    const auto as_superuser = settings_of("re'corded");
    server.psql("postgres", "CREATE ROLE chooses LOGIN");
    {
        // No login, because another test forbids it to roles.
        auto connection = postgres::Connection(as_superuser);
        connection.query("SET SESSION AUTHORIZATION chooses");
        for (const std::string text :
             {"public;ALTER/**/ROLE/**/chooses/**/SUPERUSER;--", "a'b", "\"a\"\"b\", c", "1"}) {
            connection.query("SELECT set_config('search_path', $1, false)", {text});
            connection.query("ALTER ROLE chooses SET search_path FROM CURRENT");
            auto superuser = postgres::Connection(as_superuser);
            const auto statement = postgres::record(superuser, "chooses").settings.back();
            CAPTURE(statement);
            REQUIRE(statement.starts_with("ALTER ROLE chooses SET search_path TO "));
            CHECK_NOTHROW(superuser.query(statement));
            CHECK(superuser.value("SELECT rolsuper FROM pg_roles WHERE rolname = 'chooses'") ==
                  "f");
        }
        connection.query("ALTER ROLE chooses RESET ALL");
    }
    // Before PostgreSQL 15, every role may set these parameters.
    auto superuser = postgres::Connection(as_superuser);
    superuser.query("ALTER ROLE chooses SET my.x = 'y'");
    superuser.query("SELECT set_config('my.y', repeat('y', 10000000), false)");
    superuser.query("ALTER ROLE chooses SET my.y FROM CURRENT");
    const auto settings = postgres::record(superuser, "chooses").settings;
    CHECK(settings.size() == 4);  // including three other settings
    CHECK(settings.back() == "ALTER ROLE chooses SET \"my.x\" TO 'y';");
    CHECK_NOTHROW(superuser.query(settings.back()));
    server.psql("postgres", "DROP ROLE chooses");
}

TEST_CASE_METHOD(Odd, "roles that a database speaks of are recorded, and no others") {
    auto connection = postgres::Connection(settings_of("re'corded"));
    CHECK(postgres::record(connection, "of Masto'don").roles ==
          std::vector<std::string>{"who reads"});
}
