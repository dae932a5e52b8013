// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "daemon/restores/restore_plan.hpp"
#include "restore/estimate.hpp"
#include "restore/plan.hpp"

namespace mastobak::daemon {

/// A line on the terminal that is overwritten repeatedly: step, percentage, time left.
class RestoreLine {
 public:
    /// \param shown false: nothing is printed
    explicit RestoreLine(bool shown) : shown_(shown) {}
    ~RestoreLine() { clear(); }
    RestoreLine(const RestoreLine&) = delete;
    RestoreLine& operator=(const RestoreLine&) = delete;

    void show(const restore::SetProgress& now);
    void clear();

 private:
    using Clock = std::chrono::steady_clock;
    const bool shown_;
    std::string step_;
    Clock::time_point step_began_{};
    Clock::time_point last_{};
};

/// Prints the first 10 problems to standard output, and how many more there are.
void print_problems(const restore::MediaReport& media);

/// The cost of a restore: the data to fetch, the space and the time.
struct RestoreCost {
    restore::FetchPlan fetch{};
    std::vector<restore::Room> rooms{};
    /// Computed from the last drill; nullopt when no drill has measured everything that is needed.
    std::optional<restore::RestoreEstimate> time{};
    Timestamp measured_at{};
};

/// \param problems the errors that would make the restore fail; printed only in JSON, because the
///        caller prints them after the plan otherwise
void print_plan(const RestorePlan& plan, const RestoreHost& host, ChosenSet& set,
                const RestoreCost& cost, const std::vector<Error>& problems, bool json);
/// What the admin still has to do after a restore.
struct Remaining {
    std::string where{};  ///< "in Mastodon's directory and as its user"
    std::vector<std::string> commands{};
};
void print_report(const RestorePlan& plan, const restore::SetReport& report, const std::string& set,
                  const Remaining& remaining, bool json);

}  // namespace mastobak::daemon
