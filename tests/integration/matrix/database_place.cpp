// SPDX-License-Identifier: GPL-3.0-or-later
#include "database_place.hpp"

#include <fmt/format.h>

#include "support/certificates.hpp"
#include "support/offsite_servers.hpp"

namespace mastobak::test {
namespace {

constexpr auto rows = R"(
INSERT INTO accounts (id, username, created_at, updated_at)
    SELECT i, 'user' || i, now(), now() FROM generate_series(1, 100) i;
INSERT INTO users (email, account_id, created_at, updated_at)
    VALUES ('a@example.org', 1, now(), now());)";

}  // namespace

const std::vector<std::string>& DatabasePlace::kinds() {
    static const std::vector<std::string> all{
        "socket", "TCP with a password", "TLS with a private root", "owner is postgres", "standby"};
    return all;
}

DatabasePlace::DatabasePlace(const std::string& kind, int major) {
    if (kind.starts_with("T")) {
        by_network(kind.starts_with("TLS"));
        return;
    }
    server_ = std::make_unique<PostgresServer>(
        std::vector<std::string>{"wal_level=replica", "max_wal_senders=3"},
        std::map<std::string, std::string>{}, major);
    server_->set_hba("local all all trust\nlocal replication all trust\n");
    server_->psql("postgres", "CREATE ROLE mastodon LOGIN");
    make_database(kind == "owner is postgres" ? "postgres" : "mastodon");
    if (kind == "standby") standby_ = PostgresServer::standby_of(*server_);
    env_ = fmt::format("DB_HOST={}\nDB_NAME={}\nDB_USER=mastodon\n",
                       server().socket_directory().native(), database);
    restorer_ = {.host = server().socket_directory(), .database = "postgres", .user = "postgres"};
}

void DatabasePlace::make_database(const std::string& owner) const {
    server_->create_mastodon(database);
    server_->psql(database, rows);
    // Mastodon's own role makes its tables, whichever role has made the database. ALTER TABLE also
    // changes the sequences of columns.
    server_->psql(database,
                  "DO $$ DECLARE of record; BEGIN "
                  "FOR of IN SELECT c.oid::regclass AS name FROM pg_class c WHERE "
                  "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S') "
                  "AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'a') "
                  "LOOP EXECUTE 'ALTER TABLE ' || of.name || ' OWNER TO mastodon'; "
                  "END LOOP; END $$;");
    server_->psql("postgres", fmt::format("ALTER DATABASE {} OWNER TO {}", database, owner));
}

void DatabasePlace::by_network(bool with_tls) {
    std::vector<std::string> settings{"listen_addresses=localhost",
                                      fmt::format("port={}", free_port())};
    std::map<std::string, std::string> files;
    const auto root = directory_ / "root.crt";
    if (with_tls) {
        const auto made = certificates_for_localhost();
        settings.emplace_back("ssl=on");
        files = {{"server.key", made.key}, {"server.crt", made.certificate}};
        write(root, made.root);
    }
    server_ = std::make_unique<PostgresServer>(std::move(settings), files);
    server_->set_hba(
        fmt::format("{} all all localhost scram-sha-256\n", with_tls ? "hostssl" : "host"));
    server_->psql("postgres", "CREATE ROLE mastodon LOGIN CREATEDB PASSWORD 'se cret'");
    make_database("mastodon");
    const auto port = server_->port();
    const auto tls = with_tls ? "?sslmode=verify-full&sslrootcert=" + root.native() : std::string();
    env_ = fmt::format("DATABASE_URL=postgresql://mastodon:se%20cret@localhost:{}/{}{}\n", port,
                       database, tls);
    restorer_ = {.host = "localhost",
                 .port = port,
                 .database = "postgres",
                 .user = "mastodon",
                 .password = "se cret"};
    if (with_tls) restorer_.parameters = {{"sslmode", "verify-full"}, {"sslrootcert", root}};
}

}  // namespace mastobak::test
