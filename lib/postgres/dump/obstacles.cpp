// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/obstacles.hpp"

#include <fmt/format.h>

#include <string>

#include "core/error.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace {

/// The connections of a run at the same time: WriteWatch, Snapshot, pg_dump and DumpWatch.
constexpr int connections_of_a_run = 4;

// The relations whose rows or states pg_dump reads: not those of system schemas, nor those of
// extensions unless the extension has marked them. pg_dump itself fails only when it reaches the
// first one that it may not read.
constexpr auto dumped = R"(
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND (NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                   WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                     AND d.deptype = 'e')
       OR EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE c.oid = ANY (e.extconfig))))";

constexpr auto unreadable = R"(
  AND c.relkind IN ('r', 'p', 'S')
  AND NOT (has_schema_privilege(n.oid, 'USAGE') AND
           CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT')
                          ELSE has_table_privilege(c.oid, 'SELECT') END)
ORDER BY 1)";

// pg_dump sets row_security = off, so it fails where a policy would hide rows from our role. The
// owner of a table is exempt, unless row security is FORCEd.
constexpr auto hiding_rows = R"(
  AND c.relkind IN ('r', 'p') AND c.relrowsecurity AND row_security_active(c.oid)
ORDER BY 1)";

// pg_read_all_data does not include large objects.
constexpr auto hidden_objects = R"(
SELECT m.oid FROM pg_catalog.pg_largeobject_metadata m
WHERE NOT pg_has_role(m.lomowner, 'USAGE') AND NOT EXISTS (
    SELECT FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
    AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))
ORDER BY 1)";

std::string and_more(std::size_t count) {
    return count > 1 ? fmt::format(" and {} more", count - 1) : std::string();
}

std::string role_of(Connection& connection) {
    return connection.value("SELECT current_user");
}

void check_primary(Connection& connection) {
    if (connection.value("SELECT pg_is_in_recovery()") != "t") return;
    const auto primary = connection.query(
        "SELECT sender_host, sender_port FROM pg_catalog.pg_stat_wal_receiver "
        "WHERE sender_host IS NOT NULL");
    throw Error(
        Errc::database,
        fmt::format("the server of database '{}' is a standby: it may lag behind its primary, and "
                    "a backup of it would lack the newest rows without a word",
                    connection.value("SELECT current_database()")),
        primary.empty()
            ? std::string("set database.host and database.port to those of the primary")
            : fmt::format("set database.host and database.port to those of the primary, '{}' and "
                          "{}",
                          primary[0][0].value_or(""), primary[0][1].value_or("")))
        .for_person();
}

void check_connections(Connection& connection) {
    const auto limits = connection.query(
        "SELECT 'role', rolname, rolconnlimit FROM pg_catalog.pg_roles "
        "WHERE rolname = current_user AND NOT rolsuper UNION ALL "
        "SELECT 'database', datname, datconnlimit FROM pg_catalog.pg_database "
        "WHERE datname = current_database() AND NOT (SELECT rolsuper FROM pg_catalog.pg_roles "
        "WHERE rolname = current_user)");
    for (const auto& row : limits) {
        const auto limit = std::stoi(row[2].value_or("-1"));
        if (limit < 0 || limit >= connections_of_a_run) continue;
        const auto &what = row[0].value_or(""), &name = row[1].value_or("");
        throw Error(
            Errc::database,
            fmt::format("{} '{}' may have {} {} at once, and a backup needs {}", what, name, limit,
                        limit == 1 ? "connection" : "connections", connections_of_a_run),
            fmt::format("as a superuser: ALTER {} {} CONNECTION LIMIT {}",
                        what == "role" ? "ROLE" : "DATABASE", sql_name(name),
                        2 * connections_of_a_run))
            .for_person();
    }
}

void check_privileges(Connection& connection) {
    const auto rows = connection.query(std::string("SELECT format('%I.%I', n.nspname, c.relname)") +
                                       dumped + unreadable);
    if (rows.empty()) return;
    const auto role = role_of(connection);
    throw Error(Errc::database,
                fmt::format("role '{}' may not read '{}'{}", role, rows[0][0].value_or(""),
                            and_more(rows.size())),
                connection.server_major() >= 14
                    ? fmt::format("as a superuser: GRANT pg_read_all_data TO {}", sql_name(role))
                    : "use Mastodon's own role")
        .for_person();
}

void check_all_rows(Connection& connection) {
    const auto rows = connection.query(std::string("SELECT format('%I.%I', n.nspname, c.relname)") +
                                       dumped + hiding_rows);
    if (rows.empty()) return;
    const auto role = role_of(connection);
    throw Error(Errc::database,
                fmt::format("row-level security of '{}'{} hides rows from role '{}', and pg_dump "
                            "refuses to leave them out",
                            rows[0][0].value_or(""), and_more(rows.size()), role),
                fmt::format("as a superuser: ALTER ROLE {} BYPASSRLS", sql_name(role)))
        .for_person();
}

void check_large_objects(Connection& connection) {
    const auto objects = connection.query(hidden_objects);
    if (objects.empty()) return;
    const auto first = objects[0][0].value_or("");
    try {
        // Other settings may allow the role to read it (lo_compat_privileges, predefined roles of
        // newer servers), so try to read one.
        connection.query("SELECT lo_get($1::oid, 0, 1)", {first});
        return;
    } catch (const Error& error) {
        if (error.code() != Errc::database) throw;
    }
    const auto role = role_of(connection);
    throw Error(
        Errc::database,
        fmt::format("role '{}' may not read the large object {}{}", role, first,
                    and_more(objects.size())),
        fmt::format(
            "as a superuser in this database: {}ALTER ROLE {} SET lo_compat_privileges = "
            "on, which lets it read all of them, future ones too; GRANT pg_read_all_data "
            "does not",
            objects.size() == 1
                ? fmt::format("GRANT SELECT ON LARGE OBJECT {} TO {}; or: ", first, sql_name(role))
                : std::string(),
            sql_name(role)))
        .for_person();
}

}  // namespace

void check_dumpable(Connection& connection) {
    check_primary(connection);
    check_connections(connection);
    check_privileges(connection);
    check_all_rows(connection);
    check_large_objects(connection);
}

}  // namespace mastobak::postgres
