// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/in_parallel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/error.hpp"

namespace mastobak::postgres {
namespace {

class Workers {
 public:
    Workers(const Settings& settings, const ParallelWork& work)
        : settings_(settings), work_(work) {}

    void run(const std::stop_token& stop) {
        // all_ also stops when one worker fails, as the others may be in the largest table.
        const std::stop_callback outside(stop, [this] { all_.request_stop(); });
        {
            std::vector<std::jthread> threads;
            const auto count = std::min<std::size_t>(work_.connections, work_.items);
            for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this] { serve(); });
        }
        if (failure_) std::rethrow_exception(failure_);
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the work was cancelled");
    }

 private:
    void serve() {
        try {
            ConnectionAs connection(settings_, work_.role, all_.get_token());
            clear_timeouts(connection);
            if (work_.prepare) work_.prepare(connection);
            while (const auto item = next()) {
                work_.work(connection, *item);
                finished();
            }
        } catch (...) {
            {
                const std::lock_guard lock(mutex_);
                if (!failure_) failure_ = std::current_exception();
            }
            all_.request_stop();
        }
    }
    std::optional<std::size_t> next() {
        const std::lock_guard lock(mutex_);
        if (failure_ || next_ == work_.items) return std::nullopt;
        return next_++;
    }
    void finished() {
        const std::lock_guard lock(mutex_);
        ++finished_;
        if (work_.done) work_.done(finished_, work_.items);
    }

    const Settings& settings_;
    const ParallelWork& work_;
    std::stop_source all_;

    std::mutex mutex_;  ///< guards the members below
    std::size_t next_ = 0;
    std::size_t finished_ = 0;
    std::exception_ptr failure_;
};

}  // namespace

void in_parallel(const Settings& settings, const ParallelWork& work, std::stop_token stop) {
    Workers(settings, work).run(stop);
}

void clear_timeouts(Connection& connection) {
    for (const auto* name :
         {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"})
        connection.query(fmt::format("SET {} = 0", name));
    if (connection.server_major() >= 17) connection.query("SET transaction_timeout = 0");
    // As in pg_dump: a query that would not return all rows fails.
    connection.query("SET row_security = off");
}

}  // namespace mastobak::postgres
