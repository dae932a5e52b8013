// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/restores/restore_output.hpp"
#include "daemon/restores/selected_set.hpp"
#include "restore/tree/restore_media.hpp"

namespace mastobak::daemon {
namespace {

void print(const restore::MediaReport& report, const std::filesystem::path& target, Bytes fetched) {
    print_problems(report);
    say("{}, {}, in '{}'", counted(report.files, "file"), to_string(report.bytes), target.native());
    if (report.identical > 0) say("; {} there already", counted(report.identical, "was", "were"));
    if (fetched.count > 0) say("; {} fetched", to_string(fetched));
    say("\n");
}

Json json_of_media(const restore::MediaReport& report, Bytes fetched) {
    return {{"files", report.files},
            {"bytes", report.bytes.count},
            {"identical", report.identical},
            {"directories", report.directories},
            {"links", report.links},
            {"fetched_bytes", fetched.count},
            {"problem_count", report.problem_count},
            {"problems", report.problems}};
}

struct ExtractRequest {
    std::string set = "latest";
    std::vector<std::string> names{};  ///< see restore::media_meant_by
    std::filesystem::path to = ".";    ///< the files keep their paths below it
    std::string from{};                ///< see restore::find_source; empty: staging
};

void add_extract_options(CLI::App& app, Options& options, ExtractRequest& request) {
    app.add_option("SET", request.set, "name of the set, or latest")->required();
    app.add_option("NAME", request.names, what_names_are)->required();
    app.add_option("--to", request.to, "directory to write to; each file keeps its path below it")
        ->capture_default_str()
        ->type_name("DIR");
    add_source(app, request.from);
    add_json(app, options);
    add_public_key(app, options);
}

int command_extract(const Options& options, const ExtractRequest& request) {
    const StopOnSignal signals;
    ChosenSet set(options, request.from, request.set, signals.token());
    const restore::Selection selection(set.paths_of(request.names));
    const restore::MediaOptions wanted{.index = set.index(selection),
                                       .target = request.to,
                                       .scratch = set.scratch() / "lists",
                                       .selection = selection};
    const auto packs = set.source().packs(signals.token());
    const bool shown = !options.json && ::isatty(STDOUT_FILENO) == 1;
    const auto report = restore::restore_media(
        wanted, *packs,
        [&](const restore::MediaProgress& now) {
            // Not for each file, because a remote terminal is slow.
            if (!shown || (now.files % 64 != 0 && now.files != now.of_files)) return;
            show_line(Terminal::output,
                      fmt::format("{} of {} files, {} of {}", now.files, now.of_files,
                                  to_string(now.bytes), to_string(now.of_bytes)));
        },
        signals.token());
    if (shown) clear_line(Terminal::output);
    const auto fetched = set.source().fetched() + packs->fetched();
    if (options.json)
        say_json(json_of_media(report, fetched));
    else
        print(report, request.to, fetched);
    return report.problem_count == 0 ? 0 : exit_status(Errc::corrupt);
}

const Subcommand extract_command(
    130, "extract", "fetch media from a set into a directory", add_extract_options, command_extract,
    {.example = "mastobak extract latest accounts/avatars --to /tmp/x"});

}  // namespace
}  // namespace mastobak::daemon
