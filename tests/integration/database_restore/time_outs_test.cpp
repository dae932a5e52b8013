// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumped.hpp"
#include "integration/postgres/fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;

TEST_CASE("no time-out of the server, the role or the database ends a restore") {
    // Each step takes longer than the server's time-outs: rows, a job that waits for another one,
    // an index, a view, and the changes at the end.
    Dumped slow("slow");
    slow.again_with(
        "CREATE FUNCTION slowly(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS "
        "$$ BEGIN PERFORM pg_catalog.pg_sleep(0.7); RETURN $1; END $$;"
        "CREATE TABLE slow (a int CHECK (slowly(a) > 0)); INSERT INTO slow VALUES (1);"
        "CREATE INDEX ON slow (slowly(a)); CREATE INDEX ON slow (a); CREATE INDEX ON slow (a, a);"
        "CREATE MATERIALIZED VIEW slow_view AS SELECT slowly(a) FROM slow");
    const PostgresServer impatient({"statement_timeout=500", "lock_timeout=100",
                                    "idle_session_timeout=300",
                                    "idle_in_transaction_session_timeout=100"});
    impatient.psql("postgres",
                   "CREATE ROLE \"masto don\" LOGIN; "
                   "ALTER ROLE \"masto don\" SET statement_timeout = '1ms'; "
                   "ALTER ROLE postgres SET idle_session_timeout = '200ms'");
    const postgres::Settings settings{
        .host = impatient.socket_directory(), .database = "postgres", .user = "postgres"};
    const postgres::RestoreOptions options{
        .dump = slow.file(), .database = "restored", .adapt = [](postgres::Connection& connection) {
            connection.query("UPDATE public.slow SET a = 2");
        }};
    const auto restored = postgres::restore_database(settings, slow.facts(), options, {}, {});
    CHECK(restored.rows > 3334);
    CHECK(impatient.psql("restored", "SELECT a FROM slow") == "2");
}
