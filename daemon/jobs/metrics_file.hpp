// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "async/task.hpp"
#include "core/clock.hpp"
#include "core/instance.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"

namespace mastobak::daemon {

/// Keeps `metrics.textfile` up to date: writes it when something changes, and at intervals, so that
/// its age shows whether the daemon is alive. Lives on the event loop and writes in a thread of its
/// own, so a directory that hangs blocks neither the loop nor other work.
class MetricsFile {
 public:
    MetricsFile(boost::asio::io_context& loop, const Clock& clock,
                std::shared_ptr<spdlog::logger> log, Instance instance = {});

    /// Takes the state that keep() writes next.
    /// \param file metrics.textfile of the current configuration; empty: none. keep() removes a
    ///             file that an earlier configuration named
    void update(const std::filesystem::path& file, const State& state, const Health& health);

    /// Writes the newest state of update(). Logs a failure once, and retries. Ends only when it is
    /// cancelled.
    async::Task<> keep();

 private:
    async::Task<> write(std::filesystem::path file, std::string text);
    async::Task<> remove(std::filesystem::path file);
    async::Task<> wait();
    bool is_due() const;

    const Clock& clock_;
    const std::shared_ptr<spdlog::logger> log_;
    const Instance instance_;
    boost::asio::steady_timer changed_;  ///< cancelled by update()
    boost::asio::thread_pool pool_{1};
    std::optional<RunRecord> last_run_;  ///< the newest run that has ended
    std::filesystem::path wanted_;
    std::string text_;  ///< the text to write
    std::filesystem::path file_;
    std::string written_;
    std::chrono::steady_clock::time_point written_at_;
    std::string problem_;  ///< why the last write failed; empty when it succeeded
};

}  // namespace mastobak::daemon
