// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/cli/command.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/history.hpp"

namespace mastobak::daemon {

/// Shows the progress of a run: a bar on a terminal, a line a step elsewhere, nothing with --json.
class RunReport {
 public:
    explicit RunReport(const Options& options);
    ~RunReport();

    void show(const RunningState& state);
    /// Prints the last line, or the object. Returns the exit status.
    int finish(const RunRecord& record);
    /// Takes the progress away again.
    void clear_line();

 private:
    const bool json_;
    const bool terminal_;
    std::string last_step_;
    bool line_open_ = false;
};

}  // namespace mastobak::daemon
