// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/check/integrity_queries.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "postgres/check/check.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace {

// As in RI_Initial_Check() of PostgreSQL, a key that contains a NULL refers to no row.
// Foreign keys that are NOT VALID are left out: PostgreSQL does not guarantee them for rows that
// are older than the key, and restores them as NOT VALID.
constexpr auto foreign_keys = R"(
SELECT format('foreign key ''%s'' of ''%s''', f.conname, f.conrelid::regclass),
       format('SELECT count(*) FROM %s%s theirs WHERE %s AND NOT EXISTS '
              '(SELECT FROM %s%s ours WHERE %s)',
              CASE child.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END, f.conrelid::regclass,
              string_agg(format('theirs.%I IS NOT NULL', a.attname), ' AND '),
              CASE parent.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END, f.confrelid::regclass,
              string_agg(format('ours.%I = theirs.%I', b.attname, a.attname), ' AND '))
FROM pg_catalog.pg_constraint f
JOIN pg_catalog.pg_class child ON child.oid = f.conrelid
JOIN pg_catalog.pg_class parent ON parent.oid = f.confrelid
CROSS JOIN LATERAL unnest(f.conkey, f.confkey) AS k(child, parent)
JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.child
JOIN pg_catalog.pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.parent
WHERE f.contype = 'f' AND f.conparentid = 0 AND f.convalidated
GROUP BY f.oid, f.conname, f.conrelid, f.confrelid, child.relkind, parent.relkind
ORDER BY max(child.relpages) DESC)";

// A materialized view that was never filled cannot be read, so it is left out.
// {} is replaced by the condition under which NULLs are equal, which exists since PostgreSQL 15.
constexpr auto unique_indexes = R"(
SELECT format('unique index ''%s'' of ''%s''', i.indexrelid::regclass, i.indrelid::regclass),
       i.indisvalid AND i.indisready AND i.indislive,
       format('SELECT count(*) FROM (SELECT FROM ONLY %s WHERE %s AND %s GROUP BY %s '
              'HAVING count(*) > 1) twice',
              i.indrelid::regclass, coalesce(pg_get_expr(i.indpred, i.indrelid), 'true'),
              CASE WHEN {} THEN 'true' ELSE string_agg(
                  '(' || pg_get_indexdef(i.indexrelid, n, false) || ') IS NOT NULL', ' AND ') END,
              string_agg('(' || pg_get_indexdef(i.indexrelid, n, false) || ')', ', '))
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) n
WHERE i.indisunique AND c.relkind IN ('r', 'm') AND c.relispopulated AND s.nspname !~ '^pg_'
GROUP BY i.indexrelid, i.indrelid, i.indisvalid, i.indisready, i.indislive, i.indpred, {}
ORDER BY max(c.relpages) DESC)";

constexpr auto b_trees = R"(
SELECT format('index ''%s''', i.indexrelid::regclass), i.indexrelid
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = c.relam
JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
WHERE m.amname = 'btree' AND c.relkind = 'i' AND c.relpersistence <> 't'
  AND i.indisvalid AND i.indisready AND s.nspname !~ '^pg_toast'
ORDER BY c.relpages DESC)";

/// Returns the quoted schema of amcheck; empty if the extension does not exist in this database, or
/// the role of the connection may not use it.
std::string schema_of_amcheck(Connection& connection) {
    const auto rows = connection.query(
        "SELECT format('%I', n.nspname) FROM pg_extension e JOIN pg_namespace n "
        "ON n.oid = e.extnamespace JOIN pg_proc p ON p.pronamespace = n.oid "
        "WHERE e.extname = 'amcheck' AND p.proname = 'bt_index_check' AND p.pronargs = 2 "
        "AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE')");
    return rows.empty() ? std::string() : rows[0][0].value_or("");
}

}  // namespace

void provide_amcheck(Connection& connection, const std::string& role) {
    try {
        connection.query("CREATE SCHEMA IF NOT EXISTS mastobak_checks");
        connection.query("CREATE EXTENSION IF NOT EXISTS amcheck SCHEMA mastobak_checks");
        const auto schema = schema_of_amcheck(connection);
        connection.query(fmt::format("GRANT USAGE ON SCHEMA {} TO {}", schema, sql_name(role)));
        connection.query(
            fmt::format("GRANT EXECUTE ON FUNCTION {}.bt_index_check(regclass, boolean) TO {}",
                        schema, sql_name(role)));
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        // amcheck is not installed. check_database() reports that.
    }
}

std::vector<IntegrityQuery> queries_of_foreign_keys(Connection& connection) {
    std::vector<IntegrityQuery> queries;
    for (auto& row : connection.query(foreign_keys))
        queries.push_back({row[0].value_or(""), row[1].value_or(""),
                           "row refers to a row that does not exist",
                           "rows refer to a row that does not exist"});
    return queries;
}

std::vector<IntegrityQuery> queries_of_unique_indexes(Connection& connection) {
    const auto* nulls = connection.server_major() >= 15 ? "i.indnullsnotdistinct" : "false";
    std::vector<IntegrityQuery> queries;
    for (auto& row : connection.query(fmt::format(unique_indexes, nulls, nulls))) {
        const auto& subject = row[0].value_or("");
        if (row[1] != "t") queries.push_back({subject, "SELECT 'it is not valid'"});
        queries.push_back({subject, row[2].value_or(""), "key occurs more than once",
                           "keys occur more than once"});
    }
    return queries;
}

std::vector<IntegrityQuery> queries_of_b_trees(Connection& connection, std::string& why_not) {
    const auto schema = schema_of_amcheck(connection);
    if (schema.empty()) {
        why_not = "extension 'amcheck' is not installed on this server, or may not be created";
        return {};
    }
    std::vector<IntegrityQuery> queries;
    for (auto& row : connection.query(b_trees))
        queries.push_back(
            {row[0].value_or(""), fmt::format("SELECT {}.bt_index_check({}::regclass, true)",
                                              schema, sql_text(row[1].value_or("")))});
    return queries;
}

}  // namespace mastobak::postgres
