// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/snapshot.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"
#include "postgres/dump/tables.hpp"
#include "postgres/restore/in_parallel.hpp"

namespace mastobak::postgres {

Snapshot::Snapshot(const Settings& settings, std::stop_token stop,
                   std::chrono::milliseconds lock_timeout)
    : settings_(settings), connection_(settings, std::move(stop)) {
    clear_timeouts(connection_);
    // Queries after the end of pg_dump, which releases its locks, must not wait for a migration
    // without a limit.
    connection_.query(fmt::format("SET lock_timeout = {}", lock_timeout.count()));
    connection_.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    taken_at_ = std::chrono::system_clock::now();
    id_ = connection_.value("SELECT pg_catalog.pg_export_snapshot()");
}

Connection& Snapshot::present() {
    if (present_) return *present_;
    auto settings = settings_;
    // Its queries read only the catalogs, so they return quickly.
    settings.statement_timeout = std::chrono::seconds(60);
    return present_.emplace(settings);
}

RowCounts Snapshot::count_rows(std::stop_token stop) {
    const std::stop_callback cancel(stop, [this] { connection_.cancel(); });
    RowCounts counts;
    for (const auto& table : dumped_tables(connection_)) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the count of rows was cancelled");
        counts.emplace(table.name,
                       count_rows_of(connection_, locked(connection_, table, present())));
    }
    return counts;
}

}  // namespace mastobak::postgres
