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

/// Watches a pg_dump from a second connection, in a thread of its own: how far it is, and what it
/// waits for. A watch that cannot connect or see watches nothing: the dump continues without it.
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
    /// Ends the watch; no progress is told after it.
    void stop();
    /// Who was last seen to hold a lock that pg_dump waited for; empty if there was none.
    std::string lock_holder() const;
    /// What pg_dump was last seen to do: "COPY public.statuses … (IO DataFileRead)"; empty if it
    /// never was.
    std::string waits_for() const;

 private:
    struct Table {
        std::string oid;
        std::string name;
        double rows_before = 0;  ///< of the tables that pg_dump dumps earlier
        double rows = 0;
    };

    void watch(const std::stop_token& stop);
    void read_tables(Connection& connection);
    void look(Connection& connection);

    const Settings settings_;
    const std::string application_;
    const std::function<void(const DumpProgress&)> progress_;
    std::atomic<std::uint64_t> bytes_ = 0;

    // The watching thread's own.
    std::vector<Table> tables_;
    double rows_in_all_ = 0;
    double fraction_ = 0;

    mutable std::mutex mutex_;
    std::string lock_holder_;  ///< guarded by mutex_
    std::string waits_for_;    ///< the same

    std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace mastobak::postgres
