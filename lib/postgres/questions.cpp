// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/questions.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace {

// Like RI_Initial_Check() in PostgreSQL: a key with a NULL in it names nothing.
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
WHERE f.contype = 'f' AND f.conparentid = 0
GROUP BY f.oid, f.conname, f.conrelid, f.confrelid, child.relkind, parent.relkind
ORDER BY max(child.relpages) DESC)";

// {} is the condition under which NULLs are equal, which there is since PostgreSQL 15.
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
WHERE i.indisunique AND c.relkind IN ('r', 'm') AND s.nspname !~ '^pg_'
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

}  // namespace

std::vector<Question> questions_of_foreign_keys(Connection& connection) {
    std::vector<Question> questions;
    for (auto& row : connection.query(foreign_keys))
        questions.push_back(
            {row[0].value_or(""), row[1].value_or(""), "rows name one that is not there"});
    return questions;
}

std::vector<Question> questions_of_unique_indexes(Connection& connection) {
    const auto* nulls = connection.server_major() >= 15 ? "i.indnullsnotdistinct" : "false";
    std::vector<Question> questions;
    for (auto& row : connection.query(fmt::format(unique_indexes, nulls, nulls))) {
        const auto& subject = row[0].value_or("");
        if (row[1] != "t") questions.push_back({subject, "SELECT 'it is not valid'"});
        questions.push_back({subject, row[2].value_or(""), "keys are there more than once"});
    }
    return questions;
}

std::vector<Question> questions_of_b_trees(Connection& connection, std::string& why_not) {
    try {
        connection.query("CREATE EXTENSION IF NOT EXISTS amcheck");
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        why_not = error.text();
        return {};
    }
    const auto schema = connection.value(
        "SELECT nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n "
        "ON n.oid = extnamespace WHERE extname = 'amcheck'");
    std::vector<Question> questions;
    for (auto& row : connection.query(b_trees))
        questions.push_back(
            {row[0].value_or(""), fmt::format("SELECT {}.bt_index_check({}::regclass, true)",
                                              sql_name(schema), sql_text(row[1].value_or("")))});
    return questions;
}

}  // namespace mastobak::postgres
