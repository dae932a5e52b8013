// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/connection.hpp"

#include <thread>

#include "fixture.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace mastobak;
using postgres::Connection;
using test::error_of;
using test::settings_of;

TEST_CASE("results tell NULL from an empty text") {
    Connection connection(settings_of("postgres"));
    const auto rows = connection.query("SELECT $1, NULL, ''", {"it's"});
    CHECK(rows == std::vector<postgres::Row>{{"it's", std::nullopt, ""}});
    CHECK(connection.value("SHOW server_version_num") ==
          std::to_string(connection.server_version()));
    CHECK_THROWS_AS(connection.value("SELECT NULL"), Error);
    CHECK_THROWS_AS(connection.value("SELECT 1 WHERE false"), Error);
}

TEST_CASE("a statement that fails says which and why, and the connection goes on") {
    Connection connection(settings_of("postgres"));
    const auto error = error_of([&] { connection.query("SELECT * FROM nowhere"); });
    CHECK(error.text() == "run 'SELECT * FROM nowhere': relation \"nowhere\" does not exist");
    CHECK(connection.value("SELECT 1") == "1");
}

TEST_CASE("a query can be cancelled from another thread") {
    Connection connection(settings_of("postgres"));
    Connection other(settings_of("postgres"));
    const std::jthread canceller([&] {
        test::eventually([&] {
            return other.value(
                       "SELECT count(*) FROM pg_stat_activity WHERE wait_event = "
                       "'PgSleep'") == "1";
        });
        connection.cancel();
    });
    const auto error = error_of([&] { connection.query("SELECT pg_sleep(60)"); });
    CHECK(error.code() == Errc::cancelled);
}

TEST_CASE("a connection that is cancelled sends no statement any more") {
    Connection connection(settings_of("postgres"));
    connection.query("CREATE TEMPORARY TABLE sent (n int)");
    connection.cancel();
    // Each statement would end before a cancel request could arrive.
    for (int n = 0; n < 20; ++n)
        CHECK(error_of([&] { connection.query("INSERT INTO sent VALUES (1)"); }).code() ==
              Errc::cancelled);
}

TEST_CASE("a server that ends the session is an error") {
    Connection connection(settings_of("postgres"));
    Connection other(settings_of("postgres"));
    other.value("SELECT pg_terminate_backend($1::int)", {std::to_string(connection.backend_pid())});
    CHECK(error_of([&] { connection.query("SELECT 1"); }).code() == Errc::database);
}

TEST_CASE("who is not let in is told why") {
    const auto& server = test::PostgresServer::shared();
    server.psql("postgres", "DROP ROLE IF EXISTS reader");
    server.psql("postgres", "CREATE ROLE reader LOGIN PASSWORD 'right'");
    auto settings = settings_of("postgres");
    const auto error = [&settings] { return error_of([&] { Connection c(settings); }); };

    settings.user = "reader";
    server.set_hba("local all reader scram-sha-256\n");
    CHECK(test::contains(error().hint(), "it asks for a password"));
    settings.password = "wrong";
    CHECK(test::contains(error().hint(), "the password is wrong"));
    CHECK_FALSE(test::contains(error().what(), "wrong'"));
    settings.password = "right";
    CHECK(Connection(settings).value("SELECT current_user") == "reader");

    server.set_hba("local all reader peer\n");
    CHECK(test::contains(error().hint(), "peer"));
    server.set_hba("local other reader trust\n");
    CHECK(test::contains(error().hint(), "add a line for role 'reader'"));

    settings = settings_of("no such");
    CHECK(test::contains(error().hint(), "there is no such database"));
    settings = settings_of("postgres");
    settings.port = 1;
    CHECK(test::contains(error().hint(), "is PostgreSQL running there?"));
    CHECK(error().code() == Errc::database);
}

TEST_CASE("a passfile is used in place of the password") {
    const test::TemporaryDirectory directory;
    const auto& server = test::PostgresServer::shared();
    server.psql("postgres", "DROP ROLE IF EXISTS filed");
    server.psql("postgres", "CREATE ROLE filed LOGIN PASSWORD 'right'");
    server.set_hba("local all filed scram-sha-256\n");
    test::write(directory / "pass", "*:*:*:filed:right\n");
    std::filesystem::permissions(directory / "pass", std::filesystem::perms::owner_read);
    auto settings = settings_of("postgres");
    settings.user = "filed";
    settings.passfile = directory / "pass";
    CHECK(Connection(settings).value("SELECT current_user") == "filed");
}
