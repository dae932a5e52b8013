// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumped.hpp"
#include "integration/postgres/fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;

TEST_CASE("an orphan under a valid foreign key is an error that names the key") {
    Dumped broken("orphans");
    broken.again_with(
        "CREATE TABLE child (account bigint CONSTRAINT of_account REFERENCES accounts);"
        "ALTER TABLE child DISABLE TRIGGER ALL; INSERT INTO child VALUES (424242);"
        "ALTER TABLE child ENABLE TRIGGER ALL");
    const postgres::RestoreOptions options{.dump = broken.file(), .database = "restored"};
    const auto error = error_of([&] {
        postgres::restore_database(settings_of("postgres"), broken.facts(), options, {}, {});
    });
    INFO(error.what());
    CHECK(error.code() == Errc::database);
    CHECK(contains(error.text(), "of_account"));
    CHECK(PostgresServer::shared().psql(
              "postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE 'restored%'") ==
          "0");
}
