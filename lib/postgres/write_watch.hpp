// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"

namespace mastobak::postgres {

/// Clients that wrote, or may have written, to a database since a WriteWatch began:
/// "sidekiq 6.5 (pid 123, user mastodon)".
struct Writers {
    std::vector<std::string> seen;
    /// Connected clients whose activity our role may not see (it lacks pg_read_all_stats).
    std::vector<std::string> hidden;
};

/// Detects whether other clients write to a database during the freeze.
///
/// Every transaction that writes takes a transaction id, and every role may read the next id. As
/// long as that number does not change, no session has written, not even one that has ended.
/// When it has changed, the transaction may also have been one of another database or of
/// autovacuum. writers() then returns each client of this database that was active since the
/// watch began, or one unnamed client if only the row statistics have changed.
/// Two limits remain: before PostgreSQL 15 the statistics lag by about a second, so a client that
/// connected, wrote and left within that second is not found; and an active client may only have
/// read.
/// Source: PostgreSQL's documentation: pg_current_snapshot(), pg_locks, pg_stat_activity,
/// pg_stat_user_tables.
class WriteWatch {
 public:
    /// Begins to watch, on a connection of its own. Blocks.
    /// Throws Error{database}, Error{cancelled}.
    explicit WriteWatch(const Settings& settings, std::stop_token stop = {});

    /// Returns the clients that have written, or may have, since the watch began. Blocks.
    /// \param own_backend process id of our own other connection, which is left out
    /// Throws Error{database}, Error{cancelled}.
    Writers writers(int own_backend, std::stop_token stop);

 private:
    struct Transactions {
        std::string next;   ///< the next transaction id
        bool open = false;  ///< a transaction that has an id has not ended yet
    };
    Transactions transactions_now();

    Connection connection_;
    std::string begun_at_, rows_changed_;
    Transactions before_;
};

}  // namespace mastobak::postgres
