// SPDX-License-Identifier: GPL-3.0-or-later

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"
#include "core/text.hpp"
#include "daemon/backups/in_process.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/progress_view.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

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

struct DrillArguments {
    DrillRequest request{};
    bool standalone = false;
};

void add_drill_options(CLI::App& app, Options&, DrillArguments& to) {
    app.add_option("SET", to.request.set, "name of the set, or latest");
    app.add_flag("--standalone", to.standalone, "work in this process, without the daemon");
    app.add_flag("--explain", to.request.explain,
                 "show the rows that differ, by their primary keys");
    add_source(app, to.request.from, "drill.from, or the remote with the newest set");
}

int command_drill(const Options& options, const DrillArguments& arguments) {
    const auto& [request, standalone] = arguments;
    RunReport report(options);
    // The daemon reads only its own remotes, because it may read files that the caller may not.
    const bool here = standalone || request.from.find_first_of("/:") != request.from.npos;
    const auto record =
        backups_by(here, options)->drill(request, [&report](const RunningState& now) {
            report.show(now);
        });
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

const Subcommand drill_command(150, "drill",
                               "prove that a set can be restored, in a throwaway PostgreSQL",
                               add_drill_options, command_drill,
                               {.json = true, .example = "mastobak drill latest --from b2"});

}  // namespace
}  // namespace mastobak::daemon
