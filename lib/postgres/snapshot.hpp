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

/// An extension of the database.
struct Extension {
    std::string name;
    std::string version;

    bool operator==(const Extension&) const = default;
};

/// What a preflight learns of a database.
struct DatabaseFacts {
    int server_version = 0;  ///< 150006
    std::string server_version_text;
    Bytes size;
    std::string schema_version;  ///< the largest schema_migrations.version; empty if no such table
    std::string encoding;
    std::string collation;                   ///< LC_COLLATE
    std::string ctype;                       ///< LC_CTYPE
    std::string locale_provider;             ///< "icu", "builtin"; empty: the C library
    std::string locale;                      ///< of that provider
    std::string owner;                       ///< role
    std::vector<Extension> extensions{};     ///< but plpgsql, which every database has
    std::vector<std::string> tablespaces{};  ///< that the database or something in it is in
    std::vector<std::string> notes{};        ///< what a dump leaves out, and is no fault
};

/// Looks at a database that is to be dumped, and asks all that will stop pg_dump later
/// (obstacles.hpp).
/// Throws Error{database}.
DatabaseFacts inspect(Connection& connection);

/// The largest schema_migrations.version; empty if there is no such table.
std::string schema_version_of(Connection& connection);

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
