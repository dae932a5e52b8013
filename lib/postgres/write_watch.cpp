// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/write_watch.hpp"

#include <fmt/format.h>

#include <utility>

namespace mastobak::postgres {
namespace {

constexpr auto now = "SELECT clock_timestamp()";

// txid_current_snapshot() is the name of pg_current_snapshot() before PostgreSQL 13. Each
// transaction that has an id holds a lock until it ends. Every role may read both.
constexpr auto transactions =
    "SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()), "
    "(SELECT count(*) FROM pg_catalog.pg_locks WHERE locktype = 'transactionid' AND granted)";

constexpr auto changed =
    "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) "
    "FROM pg_catalog.pg_stat_user_tables";

// Sessions with a user are clients; those without are the server's own workers. state_change is
// NULL where our role may not see it. Every role may see backend_xid.
constexpr auto busy =
    "SELECT coalesce(nullif(application_name, ''), 'a client'), pid, usename, "
    "backend_xid IS NULL AND state_change IS NULL "
    "FROM pg_catalog.pg_stat_activity "
    "WHERE datname = current_database() AND usesysid IS NOT NULL "
    "AND pid NOT IN (pg_catalog.pg_backend_pid(), $1::int) "
    "AND (backend_xid IS NOT NULL OR coalesce(state_change >= $2::timestamptz, true)) "
    "ORDER BY pid";

}  // namespace

WriteWatch::WriteWatch(const Settings& settings, std::stop_token stop)
    : connection_(settings, std::move(stop)) {
    connection_.query("SET statement_timeout = 0");
    rows_changed_ = connection_.value(changed);
    begun_at_ = connection_.value(now);
    before_ = transactions_now();
}

WriteWatch::Transactions WriteWatch::transactions_now() {
    const auto row = connection_.query(transactions).at(0);
    return {row[0].value_or(""), row[1].value_or("") != "0"};
}

Writers WriteWatch::writers(int own_backend, std::stop_token stop) {
    const std::stop_callback cancel(std::move(stop), [this] { connection_.cancel(); });
    Writers writers;
    const auto after = transactions_now();
    if (!before_.open && !after.open && after.next == before_.next) return writers;
    for (const auto& row : connection_.query(busy, {std::to_string(own_backend), begun_at_})) {
        auto client = fmt::format("{} (pid {}, user {})", row[0].value_or("a client"),
                                  row[1].value_or("?"), row[2].value_or("?"));
        (row[3] == "t" ? writers.hidden : writers.seen).push_back(std::move(client));
    }
    if (writers.seen.empty() && connection_.value(changed) != rows_changed_)
        writers.seen.emplace_back("a client that has left since");
    return writers;
}

}  // namespace mastobak::postgres
