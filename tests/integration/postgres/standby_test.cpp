// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "fixture.hpp"
#include "postgres/inspect.hpp"
#include "postgres/snapshot.hpp"
#include "support/catch.hpp"

using namespace mastobak;

TEST_CASE("a standby is refused, also one that lags, and its primary is named") {
    test::PostgresServer primary({"wal_level=replica", "max_wal_senders=3"});
    primary.create_database("lagging");
    const auto standby = test::PostgresServer::standby_of(primary);
    standby->psql("postgres", "SELECT pg_wal_replay_pause()");
    primary.psql("lagging", "CREATE TABLE newest (a int)");
    const postgres::Settings settings{
        .host = standby->socket_directory(), .database = "lagging", .user = "postgres"};
    const auto error = test::error_of([&] {
        postgres::Connection connection(settings);
        postgres::inspect(connection);
    });
    CHECK(error.code() == Errc::database);
    CHECK(test::contains(error.text(), "is a standby"));
    CHECK(test::contains(error.hint(), primary.socket_directory().native()));
}
