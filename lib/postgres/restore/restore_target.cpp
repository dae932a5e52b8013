// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/restore_target.hpp"

#include <fmt/format.h>

#include <optional>

#include "core/error.hpp"
#include "postgres/given_database.hpp"
#include "postgres/names.hpp"
#include "postgres/restore/new_database.hpp"

namespace mastobak::postgres {
namespace {

constexpr auto role_facts = R"(
SELECT me.rolname, me.rolsuper OR me.rolcreatedb,
       me.rolsuper OR pg_has_role(me.oid, theirs.oid, 'MEMBER')
FROM pg_catalog.pg_roles me, pg_catalog.pg_roles theirs
WHERE me.rolname = current_user AND theirs.rolname = $1)";

}  // namespace

void check_server(Connection& connection, const DumpedDatabase& dumped) {
    const auto then = major_of(dumped.server_version);
    if (connection.server_major() >= then) return;
    throw Error(Errc::database,
                fmt::format("the dump is of PostgreSQL {}, and this server is of version {}",
                            dumped.server_version, connection.server_major()),
                fmt::format("an older server does not understand all that a newer one has: install "
                            "the package postgresql-{}, and restore into that",
                            then));
}

void check_locale(Connection& connection, const DumpedDatabase& dumped) {
    if (dumped.collation.empty()) return;
    const auto& ctype = dumped.ctype.empty() ? dumped.collation : dumped.ctype;
    // CREATE COLLATION needs the same locale of the C library as CREATE DATABASE, and can be
    // rolled back.
    const auto collation = fmt::format(
        "CREATE COLLATION pg_temp.mastobak (PROVIDER = libc, LC_COLLATE = {}, LC_CTYPE = {})",
        sql_text(dumped.collation), sql_text(ctype));
    std::optional<Error> failure;
    connection.query("BEGIN");
    try {
        connection.query(collation);
    } catch (const Error& error) {
        failure = error;
    }
    connection.query("ROLLBACK");
    // Other errors (about the encoding of this connection's database, for example) do not matter.
    if (!failure || failure->text().find("could not create locale") == std::string::npos) return;
    throw Error(
        Errc::environment,
        fmt::format("the server's host does not have the locale '{}' of the database",
                    dumped.collation),
        "see 'locale -a'; 'dpkg-reconfigure locales' generates it, then restart PostgreSQL");
}

void check_extensions(Connection& connection, const std::vector<std::string>& names) {
    for (const auto& name : names)
        if (connection
                .query("SELECT FROM pg_catalog.pg_available_extensions WHERE name = $1", {name})
                .empty())
            throw Error(
                Errc::environment,
                fmt::format("the server does not have the extension '{}' of the database", name),
                "install the package that has it, made for this version of PostgreSQL");
}

void check_roles(Connection& connection, const std::string& owner) {
    const auto rows = connection.query(role_facts, {owner});
    if (rows.empty())
        throw Error(Errc::database, fmt::format("there is no role '{}' to own the database", owner),
                    fmt::format("as a superuser: CREATE ROLE {} LOGIN; or choose another owner",
                                sql_name(owner)));
    const auto& me = *rows[0][0];
    if (rows[0][1] != "t")
        throw Error(Errc::database, fmt::format("role '{}' may not create databases", me),
                    fmt::format("restore as a superuser ('postgres'), or: ALTER ROLE {} CREATEDB",
                                sql_name(me)));
    if (rows[0][2] != "t")
        throw Error(Errc::database,
                    fmt::format("role '{}' may not create databases for '{}'", me, owner),
                    fmt::format("restore as a superuser ('postgres'), or: GRANT {} TO {}",
                                sql_name(owner), sql_name(me)));
}

void check_is_free(Connection& connection, const Settings& settings,
                   const RestoreOptions& options) {
    if (options.replace || !database_exists(connection, options.database)) return;
    if (is_empty(settings, options.database)) return;
    throw Error(Errc::database,
                fmt::format("database '{}' already exists, and is not empty", options.database),
                "restore under another name, or with --replace, which renames the old one");
}

void check_target(Connection& connection, const Settings& settings, const RestoreOptions& options) {
    const auto clients = clients_of(connection, options.database);  // before our own connection
    check_is_free(connection, settings, options);
    if (clients.empty()) return;
    const auto more = clients.size() > 1 ? fmt::format(" and {} more", clients.size() - 1) : "";
    throw Error(Errc::database,
                fmt::format("database '{}' cannot be renamed: it is in use by {}{}",
                            options.database, clients[0], more),
                "stop Mastodon, PgBouncer and consoles first ('systemctl stop mastodon-*')");
}

void check_shape(const Settings& settings, const DumpedDatabase& dumped,
                 std::vector<std::string>& warnings) {
    Connection connection(settings);
    const auto rows = connection.query(
        "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_catalog.pg_database "
        "WHERE datname = current_database()");
    const auto &encoding = rows.at(0)[0].value_or(""), &collation = rows.at(0)[1].value_or("");
    if (!dumped.encoding.empty() && encoding != dumped.encoding)
        throw Error(Errc::environment,
                    fmt::format("database '{}' has the encoding {}, and what is restored has {}",
                                settings.database, encoding, dumped.encoding),
                    fmt::format("create it again: CREATE DATABASE {} TEMPLATE template0 ENCODING "
                                "{}",
                                sql_name(settings.database), sql_text(dumped.encoding)));
    if (!dumped.collation.empty() && collation != dumped.collation)
        warnings.push_back(fmt::format("the database sorts as '{}', and the one before as '{}'",
                                       collation, dumped.collation));
}

}  // namespace mastobak::postgres
