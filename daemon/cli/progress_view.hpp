// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/jobs/run_progress.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/history.hpp"
#include "scrub/read_objects.hpp"

namespace mastobak::daemon {

/// Shows the progress of a run: a bar on a terminal, one line for each step elsewhere, nothing with
/// --json.
class RunReport {
 public:
    explicit RunReport(const Options& options);
    ~RunReport();

    void show(const RunningState& state);
    /// Prints the result: the last line, or with --json the object. Returns the exit status.
    int finish(const RunRecord& record);
    /// Erases the progress line from the terminal.
    void clear_line();

 private:
    const bool json_;
    const bool terminal_;
    std::string last_step_;
    bool line_open_ = false;
};

/// Shows how much of a place's objects a command has read, and the time left.
class ReadingView {
 public:
    explicit ReadingView(const Options& options) : view_(options) {}

    /// \param step "read", or "3/17"
    void show(const scrub::ReadProgress& now, std::string step) {
        RunningState state;
        state.step = std::move(step);
        if (now.of_bytes.count > 0)
            state.fraction =
                static_cast<double>(now.bytes.count) / static_cast<double>(now.of_bytes.count);
        state.left = left_.after(state.fraction, clock_.steady());
        state.detail = now.object;
        view_.show(state);
    }
    /// Erases the progress line from the terminal.
    void clear_line() { view_.clear_line(); }

 private:
    SystemClock clock_;
    RunReport view_;
    TimeLeft left_;
};

}  // namespace mastobak::daemon
