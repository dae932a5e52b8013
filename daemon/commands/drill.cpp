// SPDX-License-Identifier: GPL-3.0-or-later

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <system_error>

#include "core/error.hpp"
#include "core/privilege.hpp"
#include "core/readable.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/daemon_client.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/progress_view.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/jobs/drill_job.hpp"
#include "daemon/privileges.hpp"
#include "daemon/records/drill_json.hpp"
#include "daemon/records/json.hpp"
#include "daemon/scratch_directory.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;
using postgres::Verdict;

std::string row_in_words(const postgres::FoundRow& row) {
    using Kind = postgres::FoundRow::Kind;
    if (row.kind == Kind::missing) return fmt::format("{} is missing", row.key);
    if (row.kind == Kind::added) return fmt::format("{} was not there", row.key);
    if (row.kind == Kind::repeated)
        return fmt::format("{} is there {}, not {}", row.key, counted(row.now, "time"), row.then);
    return fmt::format("{} has a different {}", row.key, fmt::join(row.columns, ", "));
}

void print(const postgres::ExplainedTable& explained) {
    if (explained.table.empty()) return say("{}\n", explained.finding);
    say("rows of {}: {}\n", readable(explained.table), explained.finding);
    const auto& found = explained.rows;
    for (const auto& row : found.rows) say("    {}\n", row_in_words(row));
    if (found.keys > found.rows.size()) say("    and {} more\n", found.keys - found.rows.size());
    if (!found.all) say("    and others: there are too many to compare all\n");
}

void print(const DrillRecord& record) {
    for (const auto& check : record.report.checks) {
        const auto* verdict = check.verdict == Verdict::good  ? "good"
                              : check.verdict == Verdict::bad ? "BAD"
                                                              : "skipped";
        say("{:<28} {:<8} {}\n", check.name, verdict, check.figure);
        for (const auto& problem : check.problems) say("    {}\n", problem);
        if (check.problem_count > check.problems.size())
            say("    and {} more\n", check.problem_count - check.problems.size());
    }
    for (const auto& explained : record.report.explained) print(explained);
    if (const auto& media = record.report.media) say("{}\n", text_of(*media));
    say("{}\n", text_of(record));
}

DrillRecord drill_in_daemon(const Options& options, const DrillRequest& request,
                            RunReport& report) {
    DaemonClient daemon(options);
    const auto id = daemon.start_drill(request);
    return daemon.follow_drill(id, [&](const RunningState& state) { report.show(state); });
}

DrillRecord drill_here(const Options& options, DrillRequest request, RunReport& report) {
    const StopOnSignal signals;
    std::error_code error;
    // Another machine has no configuration, and no state directory for the record.
    const bool configured = request.from.empty() || fs::exists(options.config, error);
    request.remembered = configured;
    const auto config = configured ? load_config(options) : config::Config();
    if (configured) become_owner_of(config.state_directory);
    // A place that root names may be readable only for root.
    std::optional<ReadAnything> raised;
    if (!request.from.empty()) raised.emplace();
    const ScratchDirectory scratch;
    fs::permissions(scratch.path(), fs::perms(0711));  // if root drills: for PostgreSQL's user
    auto record = perform_drill(
        config, request, scratch.path() / "d",
        [&](const restore::DrillProgress& now) {
            report.show({"", {}, now.step, now.fraction, now.detail});
        },
        signals.token());
    if (configured) write_drill(config.state_directory, record);
    return record;
}

}  // namespace

int command_drill(const Options& options, const std::string& set, const std::string& from,
                  bool standalone, bool explain) {
    const DrillRequest request{.set = set, .from = from, .explain = explain};
    RunReport report(options);
    // The daemon reads only its own remotes, because it may read files that the caller may not.
    const bool here = standalone || from.find_first_of("/:") != from.npos;
    const auto record =
        here ? drill_here(options, request, report) : drill_in_daemon(options, request, report);
    report.clear_line();
    if (options.json) say_json(to_json(record));
    if (!record.made()) {
        const Error error(parse_errc(record.error_code), record.error, record.hint);
        say_error("mastobak: {}\n", error.what());
        return exit_status(error.code());
    }
    if (!options.json) print(record);
    return record.proven() ? 0 : exit_status(Errc::corrupt);
}

}  // namespace mastobak::daemon
