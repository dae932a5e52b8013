// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "postgres/snapshot.hpp"

namespace mastobak::postgres {
namespace {

// pg_dump reads the rows of all tables and the state of all sequences; it says so only when it
// meets the first one that it may not read.
constexpr auto unreadable = R"(
SELECT format('%I.%I', n.nspname, c.relname), current_user
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
  AND NOT (has_schema_privilege(n.oid, 'USAGE') AND
           CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT')
                          ELSE has_table_privilege(c.oid, 'SELECT') END)
ORDER BY 1)";

void check_readable(Connection& connection) {
    const auto rows = connection.query(unreadable);
    if (rows.empty()) return;
    const auto& role = *rows[0][1];
    const auto more = rows.size() > 1 ? fmt::format(" and {} more", rows.size() - 1) : "";
    throw Error(Errc::database,
                fmt::format("role '{}' may not read '{}'{}", role, *rows[0][0], more),
                connection.server_major() >= 14
                    ? fmt::format("as a superuser: GRANT pg_read_all_data TO \"{}\"", role)
                    : "use Mastodon's own role");
}

}  // namespace

DatabaseFacts inspect(Connection& connection) {
    check_readable(connection);
    const auto rows = connection.query(
        "SELECT current_setting('server_version'), pg_database_size(oid), "
        "pg_encoding_to_char(encoding), datcollate, datctype, pg_get_userbyid(datdba) "
        "FROM pg_catalog.pg_database WHERE datname = current_database()");
    const auto& row = rows.at(0);
    DatabaseFacts facts;
    facts.server_version = connection.server_version();
    facts.server_version_text = row[0].value_or("");
    facts.size = {std::stoull(row[1].value_or("0"))};
    facts.encoding = row[2].value_or("");
    facts.collation = row[3].value_or("");
    facts.ctype = row[4].value_or("");
    facts.owner = row[5].value_or("");
    facts.schema_version = schema_version_of(connection);
    return facts;
}

std::string schema_version_of(Connection& connection) {
    if (connection.query("SELECT WHERE to_regclass('schema_migrations') IS NOT NULL").empty())
        return {};
    const auto versions = connection.query("SELECT max(version) FROM schema_migrations");
    return versions.at(0).at(0).value_or("");
}

std::vector<std::string> other_clients(Connection& connection) {
    // Within a transaction, the first look at the activity is kept otherwise.
    connection.query("SELECT pg_catalog.pg_stat_clear_snapshot()");
    // One that writes has a transaction id; one that has written since our own transaction began
    // says so by its last statement (now() is the beginning of that transaction).
    const auto rows = connection.query(
        "SELECT coalesce(nullif(application_name, ''), 'a client'), pid, usename "
        "FROM pg_catalog.pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend' AND (backend_xid IS NOT NULL OR "
        "(query_start >= now() AND query ~* "
        "'^\\s*(insert|update|delete|merge|truncate|alter|create|drop|copy|with|commit|end)\\M')) "
        "ORDER BY pid");
    std::vector<std::string> clients;
    for (const auto& row : rows)
        clients.push_back(fmt::format("{} (pid {}, user {})", row[0].value_or("a client"),
                                      row[1].value_or("?"), row[2].value_or("?")));
    return clients;
}

}  // namespace mastobak::postgres
