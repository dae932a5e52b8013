// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>

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

// The functions that indexes, checks, generated columns and views call, unless they set a search
// path or were parsed when they were created (prosqlbody, since PostgreSQL 14).
constexpr auto called_without_path = R"(
SELECT DISTINCT p.oid::regprocedure::text FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
WHERE l.lanname NOT IN ('c', 'internal') AND to_jsonb(p)->>'prosqlbody' IS NULL
  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) one WHERE one LIKE 'search_path=%')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_proc'::regclass
                  AND e.objid = p.oid AND e.deptype = 'e')
  AND (EXISTS (SELECT FROM pg_catalog.pg_index i WHERE d.classid = 'pg_class'::regclass
               AND i.indexrelid = d.objid)
       OR EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.contype = 'c'
                  AND d.classid = 'pg_constraint'::regclass AND c.oid = d.objid)
       OR EXISTS (SELECT FROM pg_catalog.pg_attrdef a
                  JOIN pg_catalog.pg_attribute g ON (g.attrelid, g.attnum) = (a.adrelid, a.adnum)
                  WHERE d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
                  AND g.attgenerated <> '')
       OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r
                  JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind = 'm'
                  WHERE d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid))
ORDER BY 1)";

std::string note_on(const std::vector<Row>& functions) {
    constexpr std::size_t most = 5;
    std::string names;
    for (std::size_t i = 0; i < std::min(most, functions.size()); ++i)
        names += (i == 0 ? "" : ", ") + functions[i][0].value_or("");
    if (functions.size() > most) names += fmt::format(" and {} more", functions.size() - most);
    return fmt::format(
        "indexes, checks, generated columns or materialized views call {}, without a search path "
        "of {} own: a restore uses the database's, and leaves out what fails nevertheless (ALTER "
        "FUNCTION … SET search_path helps)",
        names, functions.size() == 1 ? "its" : "their");
}

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

constexpr auto roles = R"(
SELECT DISTINCT r.rolname FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
JOIN pg_database d ON d.datname = current_database()
WHERE s.refclassid = 'pg_authid'::regclass AND r.rolname !~ '^pg_'
  AND (s.dbid = d.oid OR (s.classid = 'pg_database'::regclass AND s.objid = d.oid))
ORDER BY 1 LIMIT 1000)";

// An admin may run these statements as a superuser, but the owner of the database or role has
// chosen the values. So a list of names is copied unquoted only if it has nothing but valid names:
// PostgreSQL accepts any text without blanks as a name there, even ";DROP/**/ROLE". The limits are
// needed as a row may have megabytes.
constexpr auto settings = R"(
SELECT CASE WHEN s.setrole = 0 THEN format('ALTER DATABASE %I', d.datname)
            ELSE format('ALTER ROLE %I', r.rolname) ||
                 CASE WHEN s.setdatabase = 0 THEN '' ELSE format(' IN DATABASE %I', d.datname) END
       END || format(' SET %I TO ', split_part(one, '=', 1)) ||
       CASE WHEN split_part(one, '=', 1) IN ('search_path', 'temp_tablespaces',
                 'local_preload_libraries', 'session_preload_libraries')
             AND substr(one, strpos(one, '=') + 1) ~
                 '^("([^"]|"")+"|[A-Za-z_][A-Za-z0-9_]*)(, *("([^"]|"")+"|[A-Za-z_][A-Za-z0-9_]*))*$'
            THEN substr(one, strpos(one, '=') + 1)
            ELSE format('%L', substr(one, strpos(one, '=') + 1)) END || ';'
FROM pg_db_role_setting s JOIN pg_database d ON d.datname = current_database()
LEFT JOIN pg_roles r ON r.oid = s.setrole CROSS JOIN LATERAL unnest(s.setconfig) AS one
WHERE (s.setdatabase = d.oid OR (s.setdatabase = 0 AND r.rolname = $1)) AND length(one) < 10000
ORDER BY 1 LIMIT 1000)";

std::vector<std::string> first_column(const std::vector<Row>& rows) {
    std::vector<std::string> values;
    for (const auto& row : rows) values.push_back(row[0].value_or(""));
    return values;
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
            fmt::format("'{}' is a foreign table: its definition is in the dump, but its rows, on "
                        "another server, are not",
                        table[0].value_or("")));
    if (const auto functions = connection.query(called_without_path); !functions.empty())
        facts.notes.push_back(note_on(functions));
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

Recorded record(Connection& connection, const std::string& role) {
    return {.roles = first_column(connection.query(roles)),
            .settings = first_column(connection.query(settings, {role}))};
}

}  // namespace mastobak::postgres
