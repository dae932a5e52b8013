// SPDX-License-Identifier: GPL-3.0-or-later

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"
#include "daemon/backups/in_daemon.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/jobs/notifier.hpp"
#include "daemon/privileges.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

struct NotifyArguments {
    bool test = false;
    bool standalone = false;
    std::string target{};
};

void add_notify_options(CLI::App& app, Options&, NotifyArguments& to) {
    app.add_flag("--test", to.test,
                 "send a test message of each event that a target is notified of");
    app.add_option("TARGET", to.target, "name of a target of 'notify:'; without it: all targets");
    app.add_flag("--standalone", to.standalone, "work in this process, without the daemon");
}

std::vector<NotifyResult> test_here(const Options& options, const std::string& target) {
    const StopOnSignal signals;
    const auto config = load_config(options);
    become_owner_of(config.state_directory);
    return test_targets(targets_called(config.notify, target), SystemClock().now(), config.instance,
                        signals.token());
}

int command_notify(const Options& options, const NotifyArguments& arguments) {
    if (!arguments.test)
        throw Error(Errc::usage, "'notify' does not know what to do",
                    "mastobak notify --test [TARGET]");
    const auto results = arguments.standalone
                             ? test_here(options, arguments.target)
                             : InDaemon(options).test_notifications(arguments.target);
    bool ok = true;
    for (const auto& result : results) {
        ok = ok && result.ok();
        if (options.json) continue;
        const auto sent = result.sent.empty()
                              ? std::string("nothing was sent")
                              : fmt::format("sent {}", fmt::join(result.sent, ", "));
        if (result.ok())
            say("{:<16} {:<12} {}\n", result.target, result.type, sent);
        else
            say("{:<16} {:<12} {}; ERROR: {}{}{}\n", result.target, result.type, sent, result.error,
                result.hint.empty() ? "" : "; hint: ", result.hint);
    }
    if (options.json) say_json(Json{{"ok", ok}, {"targets", to_json(results)}});
    return ok ? 0 : exit_status(Errc::environment);
}

const Subcommand notify_command(165, "notify", "test the targets of notifications",
                                add_notify_options, command_notify,
                                {.json = true, .example = "mastobak notify --test"});

}  // namespace
}  // namespace mastobak::daemon
