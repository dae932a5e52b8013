// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "core/clock.hpp"
#include "postgres/connection.hpp"

namespace mastobak::postgres {

/// The number of rows of each table of a dump. The key is "public.statuses".
using RowCounts = std::map<std::string, std::int64_t>;

/// An exported snapshot: a transaction that stays open as long as this object lives, without
/// time-outs. All reads in it, and in pg_dump --snapshot, see the state of one instant.
class Snapshot {
 public:
    /// Opens the transaction and exports its snapshot.
    /// \param stop         cancels this, even while the server hangs
    /// \param lock_timeout how long a query waits for a lock (of a migration, for example); 0: no
    ///                     limit. After that time the query fails, and the snapshot is unusable.
    /// Throws Error{database}, Error{cancelled}.
    explicit Snapshot(const Settings& settings, std::stop_token stop = {},
                      std::chrono::milliseconds lock_timeout = std::chrono::seconds(60));

    const std::string& id() const { return id_; }  ///< for pg_dump --snapshot
    Timestamp taken_at() const { return taken_at_; }
    Connection& connection() { return connection_; }
    /// Returns a session outside of the transaction, which sees the present definitions of tables:
    /// see locked_table(). The first call opens it. Throws Error{database}, Error{cancelled}.
    Connection& present();

    /// Counts the rows of all tables that store rows themselves (no views), outside the system's
    /// schemas. Throws Error{database}, Error{cancelled}.
    RowCounts count_rows(std::stop_token stop);

 private:
    Settings settings_;
    Connection connection_;
    std::optional<Connection> present_;
    std::string id_;
    Timestamp taken_at_;
};

}  // namespace mastobak::postgres
