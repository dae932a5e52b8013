// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/snapshot.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "core/error.hpp"

namespace mastobak::postgres {
namespace {

// What pg_dump dumps the rows of: ordinary tables and leaves of partitioned ones, also unlogged
// ones; not foreign tables, nor materialized views (which it only refreshes); of extensions only
// the tables that they have marked, those rows that they have marked.
constexpr auto dumped_tables = R"(
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

/// Time-outs that an admin set for web requests would end the snapshot under pg_dump.
void clear_timeouts(Connection& connection) {
    for (const auto* name :
         {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"})
        connection.query(fmt::format("SET {} = 0", name));
    if (connection.server_major() >= 14) connection.query("SET idle_session_timeout = 0");
    if (connection.server_major() >= 17) connection.query("SET transaction_timeout = 0");
    // An error instead of fewer rows, as in pg_dump.
    connection.query("SET row_security = off");
}

}  // namespace

Snapshot::Snapshot(const Settings& settings, std::stop_token stop) : connection_(settings, stop) {
    const std::stop_callback cancel(std::move(stop), [this] { connection_.cancel(); });
    clear_timeouts(connection_);
    connection_.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    taken_at_ = std::chrono::system_clock::now();
    id_ = connection_.value("SELECT pg_catalog.pg_export_snapshot()");
}

RowCounts Snapshot::count_rows(std::stop_token stop) {
    const std::stop_callback cancel(stop, [this] { connection_.cancel(); });
    RowCounts counts;
    for (const auto& row : connection_.query(dumped_tables)) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the count of rows was cancelled");
        const auto sql = fmt::format("SELECT count(*) FROM {} {}", *row[1], *row[2]);
        counts.emplace(*row[0], std::stoll(connection_.value(sql)));
    }
    return counts;
}

}  // namespace mastobak::postgres
