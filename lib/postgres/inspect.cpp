// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

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

/// Before PostgreSQL 15, the C library is the only provider of a database's locale.
/// Source: PostgreSQL's documentation, pg_database (15, 17)
void read_locale(Connection& connection, DatabaseFacts& facts) {
    const int major = connection.server_major();
    if (major < 15) return;
    const auto rows = connection.query(
        fmt::format("SELECT CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END, "
                    "{} FROM pg_catalog.pg_database WHERE datname = current_database()",
                    major >= 17 ? "datlocale" : "daticulocale"));
    facts.locale_provider = rows.at(0)[0].value_or("");
    facts.locale = rows.at(0)[1].value_or("");
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
    read_locale(connection, facts);
    facts.schema_version = schema_version_of(connection);
    return facts;
}

std::string schema_version_of(Connection& connection) {
    const auto tables = connection.query(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = c.relnamespace WHERE c.relname = 'schema_migrations' AND c.relkind = 'r' "
        "AND n.nspname !~ '^pg_' ORDER BY n.nspname <> 'public', n.nspname");
    std::string newest;
    if (tables.empty()) return newest;
    // Not by the planner, which runs what an index of the table has in it.
    connection.copy_out(fmt::format("COPY {} (version) TO STDOUT", tables[0][0].value_or("")),
                        [&newest](std::string_view line) {
                            line = line.substr(0, line.find('\n'));
                            if (line != "\\N" && line > newest) newest = line;
                        });
    return newest;
}

}  // namespace mastobak::postgres
