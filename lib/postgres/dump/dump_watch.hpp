// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/dump/dump.hpp"

namespace mastobak::postgres {

/// Observes a pg_dump from a second connection, in a thread of its own: its progress, and what it
/// waits for. If the watch cannot connect, or a query fails, the dump continues without it.
class DumpWatch {
 public:
    /// \param application PGAPPNAME of the pg_dump to watch
    /// \param progress called from the watching thread; must not throw
    DumpWatch(const Settings& settings, std::string application,
              std::function<void(const DumpProgress&)> progress);
    ~DumpWatch();
    DumpWatch(const DumpWatch&) = delete;
    DumpWatch& operator=(const DumpWatch&) = delete;

    void add_bytes(std::uint64_t count) { bytes_ += count; }
    /// Ends the watch. `progress` is not called after this has returned.
    void stop();
    /// Returns the last client that held a lock for which pg_dump waited; empty if there was none.
    std::string lock_holder() const;
    /// Returns the last known statement of pg_dump and what it waited for: "'COPY public.x …'
    /// (IO DataFileRead)"; empty if none was seen.
    std::string waits_for() const;

 private:
    struct Table {
        std::string oid;
        std::string name;
        double rows_before = 0;  ///< rows of the tables that pg_dump dumps before this one
        double rows = 0;
    };

    void watch(const std::stop_token& stop);
    void read_tables(Connection& connection);
    void look(Connection& connection);

    const Settings settings_;
    const std::string application_;
    const std::function<void(const DumpProgress&)> progress_;
    std::atomic<std::uint64_t> bytes_ = 0;

    // Used by the watching thread alone.
    std::vector<Table> tables_;
    double rows_in_all_ = 0;
    double fraction_ = 0;

    mutable std::mutex mutex_;
    std::string lock_holder_;  ///< guarded by mutex_
    std::string waits_for_;    ///< guarded by mutex_

    std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace mastobak::postgres
