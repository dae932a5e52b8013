// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/progress_view.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/commands/sets/verify.hpp"
#include "daemon/privileges.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/json.hpp"
#include "daemon/scratch_directory.hpp"
#include "scrub/scrub.hpp"

namespace mastobak::daemon {
namespace {

/// Returns the requested sets; "latest" is the newest set that is complete there.
std::vector<std::string> chosen_sets(scrub::Place& place, const VerifyRequest& request,
                                     const std::stop_token& stop) {
    auto there = place.set_names(stop);
    if (there.empty())
        throw Error(Errc::usage, fmt::format("remote '{}' has no backup set", place.id()),
                    "mastobak upload copies what is queued");
    if (request.all) return there;
    auto wanted = request.sets;
    if (wanted.empty()) wanted.emplace_back("latest");
    std::vector<std::string> chosen;
    for (const auto& name : wanted) {
        if (name == "latest") {
            const auto whole = std::find_if(there.rbegin(), there.rend(), [&](const auto& set) {
                return place.size_of(fmt::format("sets/{}/manifest.json", set), stop).has_value();
            });
            if (whole != there.rend()) chosen.push_back(*whole);
        } else if (std::ranges::find(there, name) != there.end()) {
            chosen.push_back(name);
        } else {
            throw Error(Errc::usage,
                        fmt::format("remote '{}' does not have the set '{}'", place.id(), name),
                        fmt::format("the newest set there is '{}'", there.back()));
        }
    }
    return chosen;
}

std::string how(const std::map<std::string, std::size_t>& by) {
    std::string text;
    for (const auto& [hash, count] : by) {
        if (!text.empty()) text += ", ";
        text +=
            hash == "reading"
                ? fmt::format("{} read whole", count)
                : fmt::format("{} compared by the {} that the remote has computed", count, hash);
    }
    return text.empty() ? "nothing was left to read" : text;
}

void print(const scrub::Report& report) {
    for (const auto& [object, damage] : report.damaged)
        say("{}: DAMAGED: {}\n", report.place, damage_text(object, damage));
    for (const auto& [object, why] : report.unread)
        say("{}: NOT READ: '{}': {}\n", report.place, object, why);
    for (const auto& set : report.foreign)
        say("{}: NOT KNOWN TO BE OURS, and not read: {}\n", report.place, set);
    say("{}: {} of {}: {}{}\n", report.place, counted(report.objects, "object"),
        to_string(report.bytes), how(report.by),
        report.known > 0 ? fmt::format("; {} read before the verification was interrupted",
                                       counted(report.known, "more was", "more were"))
                         : "");
    if (report.complete && report.damaged.empty() && report.unread.empty())
        say("{}: good\n", report.place);
}

}  // namespace

int command_verify_remote(const Options& options, const VerifyRequest& request) {
    const auto config = load_config(options);
    const auto& entry = remote_named(config, request.from);
    become_owner_of(config.state_directory);
    const StopOnSignal signals;
    const ScratchDirectory scratch;
    SystemClock clock;
    ReadingView view(options);
    const auto place =
        scrub::place_of_remote(config, entry, scratch.path(), {request.bandwidth, request.whole});
    scrub::Services services{config, clock, scratch.path(), {}, signals.token()};
    services.progress = [&](const scrub::ReadProgress& now) {
        view.show(now, fmt::format("{}/{}", now.objects, now.of_objects));
    };
    const auto report =
        scrub::verify_sets(services, *place, chosen_sets(*place, request, signals.token()));
    view.clear_line();
    if (options.json)
        say_json(to_json(report));
    else
        print(report);
    if (!report.damaged.empty()) return exit_status(Errc::corrupt);
    if (report.complete && report.problem.empty() && report.unread.empty()) return 0;
    const Error error(
        Errc::offsite,
        fmt::format("not all of remote '{}' could be read: {}", report.place,
                    report.problem.empty() ? report.unread.front().second : report.problem),
        "run the same command again: it continues where this one stopped");
    say_error("mastobak: {}\n", error.what());
    return exit_status(error.code());
}

}  // namespace mastobak::daemon
