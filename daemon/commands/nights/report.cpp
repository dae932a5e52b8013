// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/report/report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "daemon/backups/in_daemon.hpp"
#include "daemon/backups/in_process.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/staging_usage.hpp"

namespace mastobak::daemon {
namespace {

/// As a redirection of the shell would make it, usually; a web server may have to read it.
constexpr mode_t readable_for_all = 0644;

struct ReportRequest {
    std::filesystem::path output;  ///< empty: standard output
};

void add_report_options(CLI::App& app, Options&, ReportRequest& request) {
    app.add_option("--output", request.output, "write the page into this file, not to the output")
        ->type_name("FILE");
}

/// Returns nullopt when the daemon does not run, or runs with another configuration.
std::optional<State> state_of_daemon(const Options& options) {
    try {
        return InDaemon(options).state();
    } catch (const Error& error) {
        if (error.code() != Errc::usage && error.code() != Errc::unavailable) throw;
        return std::nullopt;
    }
}

report::Facts facts_for(const Options& options, const config::Config& config) {
    const auto now = SystemClock().now();
    auto daemon = state_of_daemon(options);
    const bool running = daemon.has_value();
    auto state = running ? std::move(*daemon) : InProcess(options).state();
    auto health = judge(state, newest_set(config), config, now);
    if (!running)
        health.reasons.insert(health.reasons.begin(),
                              fmt::format("the daemon is not running; hint: systemctl start {}",
                                          options.instance.daemon()));
    auto facts = report::collect(config, std::move(state), std::move(health), now);
    // The daemon does not do this for its own page: a disk of a remote may hang.
    for (const auto& remote : config.offsite) {
        if (remote.type != config::RemoteType::directory) continue;
        try {
            facts.free[remote.name] = free_space(remote.target);
        } catch (const Error&) {
            // The section of the remotes has its problem.
        }
    }
    return facts;
}

int command_report(const Options& options, const ReportRequest& request) {
    if (request.output.empty() && ::isatty(STDOUT_FILENO) == 1)
        throw Error(Errc::usage, "the report is a page of HTML, which a terminal cannot show",
                    "mastobak report --output report.html");
    const auto config = load_config(options);
    // For a user who sees no records, the page would report a host that has made no backup.
    if (::access(config.state_directory.c_str(), R_OK | X_OK) != 0 && errno == EACCES)
        throw errno_error(Errc::staging, fmt::format("read '{}'", config.state_directory.native()),
                          errno);
    const auto page = report::to_html(facts_for(options, config));
    if (request.output.empty())
        write_out(page);
    else
        write_file(request.output, page, readable_for_all, Errc::usage);
    return 0;
}

const Subcommand report_command(35, "report", "write a page (HTML) with health, charts and history",
                                add_report_options, command_report,
                                {.example = "mastobak report --output /tmp/mastobak.html"});

}  // namespace
}  // namespace mastobak::daemon
