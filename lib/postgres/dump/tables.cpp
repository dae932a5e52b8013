// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/tables.hpp"

#include <fmt/format.h>

#include <mutex>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "postgres/restore/in_parallel.hpp"

namespace mastobak::postgres {
namespace {

// The tables whose rows pg_dump dumps: ordinary tables and the leaves of partitioned ones,
// including unlogged ones; not foreign tables and materialized views (which it only refreshes). For
// extensions, only the tables and rows that the extension has marked.
constexpr auto with_rows = R"(
SELECT n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname),
       coalesce(e.condition, ''), c.oid IN ({})
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN (SELECT unnest(extconfig) AS oid, unnest(extcondition) AS condition
           FROM pg_catalog.pg_extension) e ON e.oid = c.oid
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND (e.oid IS NOT NULL OR NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
ORDER BY c.relpages DESC)";

// The planner evaluates constant expressions of a table's indexes, statistics and partitions as the
// role of the connection, and looks up the functions that they call in its search path, which may
// lack them. pg_depend has no rows for PostgreSQL's built-in functions, so these are not found here.
// A function can become the role that has logged in, whatever SET ROLE says.
constexpr auto with_code = R"(
SELECT t.oid FROM pg_class t WHERE {} AND EXISTS (
    SELECT FROM pg_depend d
    WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
      AND (d.classid, d.objid) IN (
        SELECT 'pg_class'::regclass, i.indexrelid FROM pg_index i WHERE i.indrelid = t.oid
        UNION ALL SELECT 'pg_statistic_ext'::regclass, s.oid FROM pg_statistic_ext s
                  WHERE s.stxrelid = t.oid
        UNION ALL SELECT 'pg_class'::regclass, t.oid)
    UNION ALL
    SELECT FROM pg_depend d JOIN pg_index i ON d.objid = i.indexrelid AND i.indrelid = t.oid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_type'::regclass))";

constexpr auto any_owner = "true";
constexpr auto another_owner =
    "t.relowner <> (SELECT oid FROM pg_roles WHERE rolname = session_user)";

}  // namespace

std::string table_named(Connection& connection, const std::string& name) {
    // For a table and all that inherit from it: whether one has code of another owner, or any.
    const auto has_code = [](const char* of) {
        return fmt::format(
            "EXISTS (WITH RECURSIVE below(oid) AS (SELECT c.oid UNION SELECT h.inhrelid "
            "FROM pg_inherits h, below WHERE h.inhparent = below.oid) "
            "SELECT FROM below WHERE oid IN ({}))",
            fmt::format(with_code, of));
    };
    const auto rows = connection.query(
        fmt::format("SELECT format('%I.%I', n.nspname, c.relname), {}, {} "
                    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                    "WHERE c.relname = $1 AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' "
                    "AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' "
                    "ORDER BY n.nspname <> 'public', n.nspname",
                    has_code(another_owner), has_code(any_owner)),
        {name});
    if (rows.empty() || rows[0][1] != "f") return {};
    const auto& table = rows[0][0].value_or("");
    // The planner finds functions by the search path of this session, which is pg_catalog, and
    // fails if they call others by the path of the database.
    if (rows[0][2] == "t" && connection.attempt(fmt::format("EXPLAIN SELECT FROM {}", table)))
        return {};
    return table;
}

std::vector<DumpedTable> dumped_tables(Connection& connection) {
    std::vector<DumpedTable> tables;
    for (auto& row : connection.query(fmt::format(with_rows, fmt::format(with_code, any_owner))))
        tables.push_back(
            {row[0].value_or(""), row[1].value_or(""), row[2].value_or(""), row[3] == "t"});
    return tables;
}

DumpedTable locked(Connection& connection, DumpedTable table, Connection& present) {
    connection.query(fmt::format("LOCK TABLE ONLY {} IN ACCESS SHARE MODE", table.sql));
    const auto rows = present.query(fmt::format("SELECT c.oid IN ({}) FROM pg_class c "
                                                "WHERE c.oid = to_regclass($1) AND c.relkind = 'r'",
                                                fmt::format(with_code, any_owner)),
                                    {table.sql});
    if (rows.empty())
        throw Error(
            Errc::database,
            fmt::format("'{}' was replaced by something that is not a table", readable(table.name)),
            "is a migration running? the next run counts the rows again");
    table.has_code = rows[0][0] == "t";
    return table;
}

std::int64_t count_rows_of(Connection& connection, const DumpedTable& table) {
    if (table.has_code && table.condition.empty()) {
        // A row of all columns, of up to 1 GiB, would be in memory as a whole.
        const auto narrowest = connection.query(
            "SELECT format('(%I)', attname) FROM pg_attribute WHERE attrelid = to_regclass($1) "
            "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' "
            "ORDER BY attlen < 0, attlen LIMIT 1",
            {table.sql});
        return connection.copy_out(
            fmt::format("COPY {} {} TO STDOUT", table.sql,
                        narrowest.empty() ? "" : narrowest[0][0].value_or("")));
    }
    return std::stoll(connection.value(
        fmt::format("SELECT count(*) FROM ONLY {} {}", table.sql, table.condition)));
}

RowCounts count_rows(const Settings& settings, const CountOptions& options, std::stop_token stop) {
    Connection connection(settings, stop);
    const auto tables = dumped_tables(connection);
    RowCounts counts;
    std::mutex mutex;
    const auto count = [&](Connection& worker, std::size_t i) {
        // Before the count, so that the count finds the table in the cache.
        // ANALYZE calls the functions of indexes and statistics, which may fail.
        if (options.vacuum && worker.attempt("VACUUM (ANALYZE) " + tables[i].sql))
            worker.query("VACUUM " + tables[i].sql);
        const auto rows = options.count ? count_rows_of(worker, tables[i]) : 0;
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
