// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/progress_view.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "core/error.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

constexpr int bar_width = 30;

std::string bar(double fraction) {
    const auto full = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * bar_width);
    return fmt::format("[{:=<{}}{:<{}}] {:3.0f} %", "", full, "", bar_width - full, 100 * fraction);
}

}  // namespace

RunReport::RunReport(const Options& options)
    : json_(options.json), terminal_(::isatty(STDOUT_FILENO) == 1) {}

RunReport::~RunReport() {
    clear_line();
}

void RunReport::clear_line() {
    if (line_open_) daemon::clear_line(Terminal::output);
    line_open_ = false;
}

void RunReport::show(const RunningState& state) {
    if (json_) return;
    if (terminal_) {
        show_line(Terminal::output,
                  fmt::format("{:<14} {} {}{:.50}", state.step,
                              state.fraction >= 0 ? bar(state.fraction) : "",
                              state.left ? to_text(*state.left) + " left " : "", state.detail));
        line_open_ = true;
    } else if (state.step != last_step_) {
        say("{}\n", state.step);
    }
    last_step_ = state.step;
    std::fflush(stdout);
}

int RunReport::finish(const RunRecord& record) {
    clear_line();
    if (json_) say_json(to_json(record));
    if (!record.ok()) {
        if (record.dry_run && !json_)
            for (const auto& warning : record.warnings) say("warning: {}\n", warning);
        const Error error(parse_errc(record.error_code), record.error, record.hint);
        say_error("mastobak: {}\n", error.what());
        return exit_status(error.code());
    }
    if (json_) return 0;
    const auto took = record.finished_at.value_or(record.started_at) - record.started_at;
    for (const auto& warning : record.warnings) say("warning: {}\n", warning);
    if (record.dry_run) {
        say("a run would succeed now: all but the stop, the freeze and publication was done in {}; "
            "dump and configuration {}\n",
            to_text(took), to_string(record.size));
        return 0;
    }
    say("published set {}: {} new in {}, downtime {}\n", *record.set, to_string(record.size),
        to_text(took), to_text(record.downtime));
    return 0;
}

}  // namespace mastobak::daemon
