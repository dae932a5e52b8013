// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.hpp"
#include "daemon/cli/progress_view.hpp"
#include "daemon/jobs/time_left.hpp"
#include "scrub/read_objects.hpp"

namespace mastobak::daemon {

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
