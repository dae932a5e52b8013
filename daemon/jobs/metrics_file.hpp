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
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"

namespace mastobak::daemon {

/// Keeps `metrics.textfile` as the state is: written when something changes, and from time to time,
/// so that its age shows whether the daemon lives. Lives on the event loop, and writes on a pool of
/// its own: a directory that hangs holds up nothing.
class MetricsFile {
 public:
    MetricsFile(boost::asio::io_context& loop, const Clock& clock,
                std::shared_ptr<spdlog::logger> log);

    /// \param file that the configuration names now; empty: none. A file of before goes.
    void tell(const std::filesystem::path& file, const State& state, const Health& health);

    /// Writes what was told, until cancelled. A failure is logged once, and tried again.
    async::Task<> keep();

 private:
    async::Task<> write(std::filesystem::path file, std::string text);
    async::Task<> remove(std::filesystem::path file);
    async::Task<> wait();
    bool is_due() const;

    const Clock& clock_;
    const std::shared_ptr<spdlog::logger> log_;
    boost::asio::steady_timer told_;
    boost::asio::thread_pool pool_{1};
    std::optional<RunRecord> last_run_;  ///< that has ended
    std::filesystem::path wanted_;
    std::string text_;  ///< as it is to be
    std::filesystem::path file_;
    std::string written_;
    std::chrono::steady_clock::time_point written_at_;
    std::string problem_;  ///< why it could not be written; empty: it could
};

}  // namespace mastobak::daemon
