// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/cli/command.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/history.hpp"

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

}  // namespace mastobak::daemon
