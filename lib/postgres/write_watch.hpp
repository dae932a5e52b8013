// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"

namespace mastobak::postgres {

/// Who wrote, or may have written, to a database since a WriteWatch began:
/// "sidekiq 6.5 (pid 123, user mastodon)".
struct Writers {
    std::vector<std::string> seen;
    /// Connected, and our role may not see what they did (it lacks pg_read_all_stats).
    std::vector<std::string> hidden;
};

/// Tells whether others write to a database while something is taken that has to be of one instant.
///
/// Every transaction that writes takes an id, and how many have been taken can be seen by
/// all: where that number stands still, no session has written, nor one that has ended since.
/// Where it has moved, it may have been for another database, or by autovacuum: then clients of
/// this one are told that have done anything since, and rows that the statistics have counted
/// since. Unseen stays who connected and left within the second that the statistics of PostgreSQL
/// before version 15 lag behind, and whether a client that is told has written or only read.
/// Source: PostgreSQL's documentation: pg_current_snapshot(), pg_locks, pg_stat_activity,
/// pg_stat_user_tables.
class WriteWatch {
 public:
    /// Begins, on a connection of its own. Blocks.
    /// Throws Error{database}, Error{cancelled}.
    explicit WriteWatch(const Settings& settings, std::stop_token stop = {});

    /// Who has written since. Blocks.
    /// \param own_backend of a connection of ours, which is not told
    /// Throws Error{database}, Error{cancelled}.
    Writers writers(int own_backend, std::stop_token stop);

 private:
    struct Transactions {
        std::string next;   ///< the id that will be taken next
        bool open = false;  ///< some that have one go on
    };
    Transactions transactions_now();

    Connection connection_;
    std::string begun_at_, rows_changed_;
    Transactions before_;
};

}  // namespace mastobak::postgres
