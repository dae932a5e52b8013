// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "daemon/chosen_set.hpp"
#include "daemon/command.hpp"
#include "daemon/exit_status.hpp"
#include "daemon/json.hpp"
#include "daemon/stop_on_signal.hpp"
#include "restore/restore_media.hpp"

namespace mastobak::daemon {
namespace {

void print(const restore::MediaReport& report, const std::filesystem::path& target, Bytes fetched) {
    for (const auto& problem : report.problems) fmt::print("PROBLEM: {}\n", problem);
    if (report.problem_count > report.problems.size())
        fmt::print("and {} more problems\n", report.problem_count - report.problems.size());
    fmt::print("{} files, {}, in '{}'", report.files, to_string(report.bytes), target.native());
    if (report.identical > 0) fmt::print("; {} were there already", report.identical);
    if (fetched.count > 0) fmt::print("; {} fetched", to_string(fetched));
    fmt::print("\n");
}

nlohmann::json to_json(const restore::MediaReport& report, Bytes fetched) {
    return {{"files", report.files},
            {"bytes", report.bytes.count},
            {"identical", report.identical},
            {"directories", report.directories},
            {"links", report.links},
            {"fetched_bytes", fetched.count},
            {"problem_count", report.problem_count},
            {"problems", report.problems}};
}

}  // namespace

int command_extract(const Options& options, const std::string& from, const std::string& name,
                    const std::vector<std::string>& names, const std::filesystem::path& to) {
    const StopOnSignal signals;
    ChosenSet set(options, from, name, signals.token());
    const restore::Selection selection(set.paths_of(names));
    const restore::MediaOptions wanted{.index = set.index(selection),
                                       .target = to,
                                       .scratch = set.scratch() / "lists",
                                       .selection = selection};
    const auto packs = set.source().packs(signals.token());
    const bool shown = !options.json && ::isatty(STDOUT_FILENO) == 1;
    const auto report = restore::restore_media(
        wanted, *packs,
        [&](const restore::MediaProgress& now) {
            // Seldom enough for a terminal that is far away.
            if (!shown || (now.files % 64 != 0 && now.files != now.of_files)) return;
            fmt::print("\r\033[K{} of {} files, {} of {}", now.files, now.of_files,
                       to_string(now.bytes), to_string(now.of_bytes));
            std::fflush(stdout);
        },
        signals.token());
    if (shown) fmt::print("\r\033[K");
    const auto fetched = set.source().fetched() + packs->fetched();
    if (options.json)
        fmt::print("{}\n", dump(to_json(report, fetched), 2));
    else
        print(report, to, fetched);
    return report.problem_count == 0 ? 0 : exit_status(Errc::corrupt);
}

}  // namespace mastobak::daemon
