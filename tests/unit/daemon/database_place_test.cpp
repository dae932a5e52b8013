// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restores/database_server.hpp"
#include "mastodon/database_settings.hpp"
#include "support/catch.hpp"

using namespace mastobak;

namespace {

restore::SetOptions::Database restored_to(const std::string& host) {
    restore::SetOptions::Database restored;
    restored.name = "mastodon_production";
    restored.server.host = host;
    return restored;
}

}  // namespace

TEST_CASE("Mastodon's settings that name another database than the restored one are told") {
    mastodon::DatabaseSettings settings;
    settings.host = "localhost";
    CHECK_FALSE(daemon::other_database(settings, "'.env'", restored_to("")));
    CHECK_FALSE(daemon::other_database(settings, "'.env'", restored_to("/run/postgresql")));
    settings.host = "db.old.example";
    const auto told = daemon::other_database(settings, "'.env'", restored_to("")).value_or("");
    CHECK(
        told.starts_with("'.env' name database 'mastodon_production' at 'db.old.example':5432, "
                         "but what was restored is database 'mastodon_production' at this "
                         "host:5432"));
    CHECK_FALSE(daemon::other_database(settings, "'.env'", restored_to("db.old.example")));
    settings.port = 6432;
    CHECK(daemon::other_database(settings, "'.env'", restored_to("db.old.example")));
}
