// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumped.hpp"

#include "core/process/process.hpp"
#include "integration/postgres/fixture.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/inspect.hpp"
#include "support/catch.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

Dumped::Dumped(const std::string& database) : database_(database) {
    const auto& server = PostgresServer::shared();
    server.create_mastodon(database_);
    if (server.psql("postgres", "SELECT 1 FROM pg_roles WHERE rolname = 'masto don'").empty())
        server.psql("postgres", "CREATE ROLE \"masto don\" LOGIN");
    server.psql("postgres", "ALTER DATABASE \"" + database_ + "\" OWNER TO \"masto don\"");
    // Only a superuser may create pg_stat_statements.
    again_with(R"(
        CREATE EXTENSION pg_stat_statements;
        CREATE TABLE "Odd name" (id int PRIMARY KEY);
        INSERT INTO "Odd name" SELECT generate_series(1, 1234);
        INSERT INTO accounts (username, created_at, updated_at)
            SELECT 'user' || n, now(), now() FROM generate_series(1, 100) n;
        INSERT INTO statuses (id, text, account_id, created_at, updated_at)
            SELECT n, md5(n::text), (SELECT min(id) FROM accounts), now(), now()
            FROM generate_series(1, 2000) n;
    )");
}

void Dumped::again_with(const std::string& sql) {
    PostgresServer::shared().psql(database_, sql);
    dump();
}

void Dumped::dump() {
    const auto settings = settings_of(database_);
    postgres::Snapshot snapshot(settings);
    const auto facts = postgres::inspect(snapshot.connection());
    const auto tools = postgres::find_tools(snapshot.connection().server_major());
    const auto compressed = directory_ / "database.dump.zst";
    fs::remove(compressed);
    postgres::dump(settings, tools, snapshot.id(), compressed, {}, {}, {});
    REQUIRE(run({.argv = {"zstd", "-dqf", compressed, "-o", file_}}).ok());
    facts_ = {.server_version = facts.server_version_text,
              .pg_dump_version = tools.version,
              .owner = facts.owner,
              .encoding = facts.encoding,
              .collation = facts.collation,
              .ctype = facts.ctype,
              .locale_provider = facts.locale_provider,
              .locale = facts.locale,
              .schema_version = facts.schema_version,
              .rows = snapshot.count_rows({})};
}

void break_unique_index(const std::string& database) {
    const auto& server = PostgresServer::shared();
    const auto ready = [&](const std::string& value) {
        server.psql(database, "UPDATE pg_index SET indisready = " + value +
                                  " WHERE indexrelid = '\"Odd name_pkey\"'::regclass");
    };
    ready("false");
    server.psql(database, "INSERT INTO \"Odd name\" VALUES (7)");
    ready("true");
}

}  // namespace mastobak::test
