// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/dump_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "core/clock.hpp"

namespace mastobak::postgres {
namespace {

constexpr std::chrono::milliseconds period{300};

// The tables in the order in which pg_dump dumps their rows: by schema, then by name.
constexpr auto tables_in_order = R"(
SELECT c.oid, n.nspname || '.' || c.relname, greatest(c.reltuples, 0)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C")";

constexpr auto copied_now = R"(
SELECT p.relid, p.tuples_processed
FROM pg_catalog.pg_stat_progress_copy p JOIN pg_catalog.pg_stat_activity a USING (pid)
WHERE a.application_name = $1)";

constexpr auto holders = R"(
SELECT coalesce(nullif(h.application_name, ''), 'a client'), h.pid, h.usename, left(h.query, 60)
FROM pg_catalog.pg_stat_activity d, unnest(pg_catalog.pg_blocking_pids(d.pid)) AS b(pid)
JOIN pg_catalog.pg_stat_activity h USING (pid)
WHERE d.application_name = $1 AND d.wait_event_type = 'Lock' ORDER BY h.xact_start LIMIT 1)";

constexpr auto doing_now = R"(
SELECT left(regexp_replace(query, '\s+', ' ', 'g'), 100),
       coalesce(wait_event_type || ' ' || wait_event, 'at work')
FROM pg_catalog.pg_stat_activity WHERE application_name = $1 ORDER BY pid LIMIT 1)";

}  // namespace

DumpWatch::DumpWatch(const Settings& settings, std::string application,
                     std::function<void(const DumpProgress&)> progress)
    : settings_(settings),
      application_(std::move(application)),
      progress_(std::move(progress)),
      thread_([this](const std::stop_token& stop) { watch(stop); }) {}

DumpWatch::~DumpWatch() = default;

void DumpWatch::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

std::string DumpWatch::lock_holder() const {
    const std::lock_guard lock(mutex_);
    return lock_holder_;
}

std::string DumpWatch::waits_for() const {
    const std::lock_guard lock(mutex_);
    return waits_for_;
}

void DumpWatch::watch(const std::stop_token& stop) try {
    Connection connection(settings_, stop);
    read_tables(connection);
    while (!stop.stop_requested()) {
        look(connection);
        wait_or_stop(period, stop);
    }
} catch (const std::exception&) {
    // The connection is lost, or stop() has cancelled a query. The dump reports its own errors.
}

void DumpWatch::read_tables(Connection& connection) {
    for (const auto& row : connection.query(tables_in_order)) {
        const auto rows = std::stod(row[2].value_or("0"));
        tables_.push_back({row[0].value_or(""), row[1].value_or(""), rows_in_all_, rows});
        rows_in_all_ += rows;
    }
}

void DumpWatch::look(Connection& connection) {
    for (const auto& row : connection.query(holders, {application_})) {
        const std::lock_guard lock(mutex_);
        lock_holder_ = fmt::format("{} (pid {}, user {}): {}", row[0].value_or(""),
                                   row[1].value_or(""), row[2].value_or("?"), row[3].value_or(""));
    }
    for (const auto& row : connection.query(doing_now, {application_})) {
        const std::lock_guard lock(mutex_);
        waits_for_ = fmt::format("'{}' ({})", row[0].value_or(""), row[1].value_or(""));
    }
    if (!progress_) return;
    DumpProgress progress{.fraction = fraction_, .bytes = {bytes_}, .table = {}};
    if (connection.server_major() >= 14) {
        for (const auto& row : connection.query(copied_now, {application_})) {
            const auto table = std::ranges::find(tables_, row[0], &Table::oid);
            if (table == tables_.end()) continue;
            const auto done = std::min(table->rows, std::stod(row[1].value_or("0")));
            if (rows_in_all_ > 0)
                fraction_ = std::max(fraction_, (table->rows_before + done) / rows_in_all_);
            progress.fraction = fraction_;
            progress.table = table->name;
        }
    }
    progress_(progress);
}

}  // namespace mastobak::postgres
