// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/inspect.hpp"

#include <fmt/format.h>

#include "postgres/dump/obstacles.hpp"
#include "postgres/snapshot.hpp"

namespace mastobak::postgres {
namespace {

// reltablespace is 0 for the default tablespace of the database. pg_default and pg_global are the
// system's own.
constexpr auto tablespaces = R"(
SELECT DISTINCT t.spcname FROM pg_catalog.pg_tablespace t
WHERE t.spcname NOT IN ('pg_default', 'pg_global')
  AND (EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.reltablespace = t.oid)
       OR t.oid = (SELECT dattablespace FROM pg_catalog.pg_database
                   WHERE datname = current_database()))
ORDER BY 1)";

// Rails writes a time of 14 digits, but the column can hold any text of up to a gigabyte.
constexpr std::size_t longest_version = 64;

constexpr auto extensions =
    "SELECT extname, extversion FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY 1";

constexpr auto foreign_tables = R"(
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'f' ORDER BY 1)";

/// Reads the locale provider. Before PostgreSQL 15, it is always the C library.
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
    check_dumpable(connection);
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
    for (auto& extension : connection.query(extensions))
        facts.extensions.push_back({extension[0].value_or(""), extension[1].value_or("")});
    for (auto& spaces : connection.query(tablespaces))
        facts.tablespaces.push_back(spaces[0].value_or(""));
    for (auto& table : connection.query(foreign_tables))
        facts.notes.push_back(
            fmt::format("'{}' is a foreign table: its definition is in the dump, its rows are "
                        "where they are",
                        table[0].value_or("")));
    return facts;
}

std::string schema_version_of(Connection& connection) {
    const auto tables = connection.query(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = c.relnamespace WHERE c.relname = 'schema_migrations' AND c.relkind = 'r' "
        "AND n.nspname !~ '^pg_' ORDER BY n.nspname <> 'public', n.nspname");
    std::string newest;
    if (tables.empty()) return newest;
    // Without the planner, which would run the functions in the table's indexes.
    connection.copy_out(fmt::format("COPY {} (version) TO STDOUT", tables[0][0].value_or("")),
                        [&newest](std::string_view line) {
                            line = line.substr(0, line.find('\n'));
                            if (line.size() <= longest_version && line != "\\N" && line > newest)
                                newest = line;
                        });
    return newest;
}

}  // namespace mastobak::postgres
