// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "daemon/cli/restore_plan.hpp"
#include "restore/estimate.hpp"
#include "restore/plan.hpp"

namespace mastobak::daemon {

/// One line that is written over and over, on a terminal: step, share, time left.
class RestoreLine {
 public:
    /// \param shown false: nothing is written
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

/// On standard output; the first ten, and how many more there are.
void print_problems(const restore::MediaReport& media);

/// What a restore takes: what is fetched, and where it is put.
struct RestoreCost {
    restore::FetchPlan fetch{};
    std::vector<restore::Room> rooms{};
    /// By what the last drill has measured; nothing: none has, or not all that counts here.
    std::optional<restore::RestoreEstimate> time{};
    Timestamp measured_at{};
};

/// \param problems that would end it: in JSON alone, as people are told after the plan
void print_plan(const RestorePlan& plan, const RestoreHost& host, ChosenSet& set,
                const RestoreCost& cost, const std::vector<Error>& problems, bool json);
/// \param commands that remain to be run
void print_report(const RestorePlan& plan, const restore::SetReport& report, const std::string& set,
                  const std::vector<std::string>& commands, bool json);

}  // namespace mastobak::daemon
