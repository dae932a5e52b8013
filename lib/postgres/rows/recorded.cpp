// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/rows/recorded.hpp"

namespace mastobak::postgres {
namespace {

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

Recorded record(Connection& connection, const std::string& role) {
    return {.roles = first_column(connection.query(roles)),
            .settings = first_column(connection.query(settings, {role}))};
}

}  // namespace mastobak::postgres
