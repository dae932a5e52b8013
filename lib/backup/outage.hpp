// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "async/job.hpp"
#include "async/task.hpp"
#include "backup/steps.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "postgres/write_watch.hpp"
#include "store/formats/manifest.hpp"
#include "units/stopped_units.hpp"

namespace mastobak::backup {

/// The part of a night in which Mastodon was stopped. Without an outage it has its default values.
struct OutageReport {
    /// Neither a unit nor another client of the database was active until the last check.
    bool consistent = false;
    std::vector<store::UnitRecord> units{};  ///< the stopped units, and how long each was down
    std::vector<std::string> down{};         ///< stopped units that failed to start again
    std::chrono::nanoseconds quiet{0};       ///< how long sidekiq was quiet before the first stop
    std::chrono::nanoseconds freeze{0};      ///< from the last unit's stop to the first start call
    std::chrono::nanoseconds downtime{0};
    std::vector<store::DowntimePart> parts{};  ///< of the downtime, in order
    std::vector<std::string> warnings{};
};

/// Stops Mastodon, runs work, and starts Mastodon again, whatever happens to the work: it fails, is
/// cancelled, exceeds its limit or hangs on a disk. Only then does an exception leave during().
///
/// The steps are "quiet", "stop", those of the work, "start", "health" and, with containers,
/// "health checks". For the loop's thread only.
class Outage {
 public:
    /// \param steps also measures the steps of the work
    /// \param stop  is requested in addition to the cancellation of during(): a cancellation that
    ///              arrives while units are being started would otherwise be lost
    /// All references have to outlive this object.
    Outage(units::UnitControl& units, const config::Config& config, Clock& clock,
           Observer& observer, Steps& steps, std::stop_token stop);

    /// Runs the work while Mastodon is stopped. May be called once.
    /// \param limit for the stop and the work together
    /// Throws the exceptions of the work, after the units were started; Error{units} when they do
    /// not stop or the limit is exceeded, Error{cancelled}.
    async::Task<> during(async::Task<> work, std::chrono::seconds limit);
    /// Does the same for work with a result.
    template <typename T>
    async::Task<T> during(async::Task<T> work, std::chrono::seconds limit) {
        std::optional<T> result;
        auto kept = keep_result(std::move(work), result);
        co_await during(std::move(kept), limit);
        co_return std::move(*result);
    }

    /// Called by the work when it has all that has to be of one instant: checks that no unit was
    /// started since.
    async::Task<> check_units();
    async::Task<std::string> hint_about_socket(std::string unit);
    /// Called after check_units(): notes the other clients that wrote to the database meanwhile.
    /// \param role the database role that could not see the hidden ones
    void note_writers(const postgres::Writers& writers, const std::string& role);

    /// Returns whether units began to be stopped.
    bool has_begun() const { return down_since_ != std::chrono::steady_clock::time_point{}; }
    /// Returns the report so far; also after a failure.
    const OutageReport& report() const { return report_; }

 private:
    async::Task<> stop_and(units::StoppedUnits& stopped, async::Task<> work);
    async::Task<> leave(async::Job<>& work);
    async::Task<> quiet(units::StoppedUnits& stopped);
    async::Task<> wait_until_all_healthy();
    async::Task<> wait_for_health_checks();
    async::Task<> wait_until_healthy(std::string part, std::optional<http::Url> url);
    void note_start(const units::StartReport& started);
    void mark_inconsistent(std::string warning);
    void say(Severity severity, const std::string& text);
    void warn(std::string text);

    units::UnitControl& units_;
    const config::Config& config_;
    Clock& clock_;
    Observer& observer_;
    Steps& steps_;
    const std::stop_token stop_;
    std::chrono::steady_clock::time_point down_since_{};
    std::chrono::steady_clock::time_point stopped_since_{};  ///< since when all were stopped
    OutageReport report_{};
};

}  // namespace mastobak::backup
