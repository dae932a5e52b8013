// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "postgres/connection.hpp"

namespace mastobak::postgres {

/// Rows of each table of the dump, "public.statuses" → 12345.
using RowCounts = std::map<std::string, std::int64_t>;

/// An exported snapshot: a transaction that stays open until this goes away, without time-outs of
/// its own. Everything that is read with it, and every pg_dump --snapshot of it, sees one instant.
class Snapshot {
 public:
    /// \param stop         gives up, also while the server hangs
    /// \param lock_timeout how long one of its queries waits for a lock (a migration's); 0: for
    ///                     ever. It is an error of that query, and the end of the snapshot.
    /// Throws Error{database}, Error{cancelled}.
    explicit Snapshot(const Settings& settings, std::stop_token stop = {},
                      std::chrono::milliseconds lock_timeout = std::chrono::seconds(60));

    const std::string& id() const { return id_; }  ///< for pg_dump --snapshot
    Timestamp taken_at() const { return taken_at_; }
    Connection& connection() { return connection_; }

    /// Exact counts of all tables with data of their own (no views), outside the system's schemas.
    RowCounts count_rows(std::stop_token stop);

 private:
    Connection connection_;
    std::string id_;
    Timestamp taken_at_;
};

}  // namespace mastobak::postgres
