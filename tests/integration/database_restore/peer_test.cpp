// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/privilege.hpp"
#include "integration/postgres/fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using postgres::Connection;

TEST_CASE("root connects as another user where PostgreSQL asks the system who it is") {
    const auto& server = test::PostgresServer::shared();
    server.create_database("peers");
    server.psql("peers", "DROP ROLE IF EXISTS nobody; CREATE ROLE nobody LOGIN");
    server.set_hba("local all all peer\n");
    auto settings = test::settings_of("peers");
    settings.user = "nobody";
    CHECK(test::contains(test::error_of([&] { Connection connection(settings); }).text(), "Peer"));
    std::string user;
    run_as_user("nobody", [&] { user = Connection(settings).value("SELECT current_user"); });
    CHECK(user == "nobody");
}
