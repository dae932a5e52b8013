// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/tables.hpp"

#include <fmt/format.h>

#include <mutex>
#include <utility>

#include "postgres/in_parallel.hpp"

namespace mastobak::postgres {
namespace {

// What pg_dump dumps the rows of: ordinary tables and leaves of partitioned ones, also unlogged
// ones; not foreign tables, nor materialized views (which it only refreshes); of extensions only
// the tables that they have marked, those rows that they have marked.
constexpr auto with_rows = R"(
SELECT n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname), coalesce(e.condition, '')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN (SELECT unnest(extconfig) AS oid, unnest(extcondition) AS condition
           FROM pg_catalog.pg_extension) e ON e.oid = c.oid
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND (e.oid IS NOT NULL OR NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
ORDER BY c.relpages DESC)";

}  // namespace

std::vector<DumpedTable> dumped_tables(Connection& connection) {
    std::vector<DumpedTable> tables;
    for (auto& row : connection.query(with_rows))
        tables.push_back({row[0].value_or(""), row[1].value_or(""), row[2].value_or("")});
    return tables;
}

std::int64_t count_rows_of(Connection& connection, const DumpedTable& table) {
    return std::stoll(connection.value(
        fmt::format("SELECT count(*) FROM ONLY {} {}", table.sql, table.condition)));
}

RowCounts count_rows(const Settings& settings, const CountOptions& options, std::stop_token stop) {
    Connection connection(settings, stop);
    const auto tables = dumped_tables(connection);
    RowCounts counts;
    std::mutex mutex;
    const auto count = [&](Connection& worker, std::size_t i) {
        // First, so that the count finds the table in memory.
        if (options.vacuum) worker.query("VACUUM (ANALYZE) " + tables[i].sql);
        const auto rows = count_rows_of(worker, tables[i]);
        const std::lock_guard lock(mutex);
        counts.emplace(tables[i].name, rows);
    };
    in_parallel(settings,
                {.items = tables.size(),
                 .connections = options.connections,
                 .role = options.role,
                 .work = count,
                 .done = options.done},
                std::move(stop));
    return counts;
}

}  // namespace mastobak::postgres
