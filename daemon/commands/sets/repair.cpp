// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/repair.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/confirm.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/progress_view.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/privileges.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/json.hpp"
#include "daemon/scratch_directory.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace {

using Healing = scrub::Repair::State;

/// Returns the media directory of this host: from the configuration, or from the newest set.
std::filesystem::path media_root(const config::Config& config) {
    if (config.media.elsewhere) return {};
    if (!config.media.path.empty()) return config.media.path;
    const store::Staging staging(config.staging.path);
    try {
        const auto newest = staging.latest();
        const std::filesystem::path root = newest ? staging.manifest(*newest).media.root : "";
        std::error_code ignored;
        return std::filesystem::is_directory(root, ignored) ? root : std::filesystem::path();
    } catch (const Error&) {
        return {};
    }
}

std::size_t count(const std::vector<scrub::Repair>& repairs, Healing state) {
    return static_cast<std::size_t>(std::ranges::count(repairs, state, &scrub::Repair::state));
}

void print(const scrub::Repair& entry) {
    const auto place = scrub::title_of(entry.place);
    switch (entry.state) {
        case Healing::was_whole:
            return say("{}: '{}' is intact again\n", place, entry.object);
        case Healing::healed:
            return say("{}: '{}' is healed, from {}\n", place, entry.object, entry.source);
        case Healing::can_be_healed:
            say("{}: {}\n", place, damage_text(entry.object, entry.damage));
            return say("    can be healed from {}\n", entry.source);
        case Healing::cannot_be_healed:
            say("{}: {}\n", place, damage_text(entry.object, entry.damage));
            return say("    CANNOT BE HEALED: {}\n", entry.problem);
    }
}

Json document_of(const std::vector<scrub::Repair>& repairs, bool plan) {
    auto array = Json::array();
    for (const auto& entry : repairs) {
        static constexpr const char* states[] = {"can_be_healed", "cannot_be_healed", "healed",
                                                 "was_whole"};
        array.push_back({{"place", entry.place},
                         {"state", states[static_cast<int>(entry.state)]},
                         {"source", entry.source},
                         {"problem", readable(entry.problem)},
                         {"damage", to_json(entry.object, entry.damage)}});
    }
    return {
        {"plan", plan}, {"ok", count(repairs, Healing::cannot_be_healed) == 0}, {"objects", array}};
}

void ask(const std::vector<scrub::Repair>& repairs, bool yes, const std::stop_token& stop) {
    if (yes) return;
    if (!can_ask())
        throw Error(Errc::usage, "repair asks for confirmation, and there is no terminal to ask on",
                    "--yes confirms it; --plan shows what it would do");
    const auto question =
        fmt::format("Replace {} by intact copies?",
                    counted(count(repairs, Healing::can_be_healed), "damaged object"));
    if (!confirmed(question, stop)) throw Error(Errc::cancelled, "nothing was repaired");
}

struct RepairRequest {
    std::string from{};  ///< the only place to copy from; empty: any with an undamaged copy
    bool plan = false;   ///< only print what would be done
    bool yes = false;    ///< do not ask for confirmation
};

void add_repair_options(CLI::App& app, Options&, RepairRequest& request) {
    app.add_option("--from", request.from, "take intact copies from this remote only")
        ->type_name("REMOTE");
    app.add_flag("--plan", request.plan, "show what would be done, and do nothing");
    app.add_flag("--yes", request.yes, "do not ask for confirmation");
}

int command_repair(const Options& options, const RepairRequest& request) {
    const auto config = load_config(options);
    if (!request.from.empty()) remote_named(config, request.from);
    become_owner_of(config.state_directory);
    const StopOnSignal signals;
    const ScratchDirectory scratch;
    SystemClock clock;
    ReadingView view(options);
    scrub::Services services{config, clock, scratch.path(), {}, signals.token()};
    services.progress = [&](const scrub::ReadProgress& now) { view.show(now, "read"); };
    const scrub::RepairOptions what{request.from, media_root(config)};
    // A run would remove the new copies in partial/, and retention may remove the packs.
    std::optional<UniqueFd> lock;
    if (!request.plan) lock.emplace(store::lock(store::Staging(config.staging.path)));
    auto repairs = scrub::plan_repairs(services, what);
    view.clear_line();
    const bool can = count(repairs, Healing::can_be_healed) > 0;
    if (!options.json)
        for (const auto& entry : repairs) print(entry);
    if (!options.json && repairs.empty()) say("nothing is damaged, as far as is known\n");
    if (!repairs.empty() && !request.plan) {
        if (can) ask(repairs, request.yes, signals.token());
        scrub::repair(services, what, repairs);
        view.clear_line();
        if (!options.json)
            for (const auto& entry : repairs)
                if (entry.state != Healing::was_whole) print(entry);
    }
    if (options.json) say_json(document_of(repairs, request.plan));
    return count(repairs, Healing::cannot_be_healed) == 0 ? 0 : exit_status(Errc::corrupt);
}

const Subcommand repair_command(70, "repair", "replace what is damaged by intact copies",
                                add_repair_options, command_repair,
                                {.json = true, .example = "mastobak repair --plan"});

}  // namespace
}  // namespace mastobak::daemon
