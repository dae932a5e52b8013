// SPDX-License-Identifier: GPL-3.0-or-later

#include <filesystem>

#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/privileges.hpp"
#include "store/marks.hpp"

namespace mastobak::daemon {
namespace {

struct KeepRequest {
    std::string set = "latest";
    bool release = false;
};

void add_keep_options(CLI::App& app, Options&, KeepRequest& request) {
    app.add_option("SET", request.set, "name of the set, or latest")->required();
    app.add_flag("--release", request.release,
                 "remove the pin, so that retention decides about the set again");
}

int command_keep(const Options& options, const KeepRequest& request) {
    const auto config = load_config(options);
    become_owner_of(config.state_directory);
    const store::Staging staging(config.staging.path);
    const auto set = request.set == "latest" ? find_set(config, request.set) : request.set;
    if (request.release) {
        store::release(staging, set);
        say("'{}' is no longer pinned; retention decides about it again\n", set);
        return 0;
    }
    std::error_code ignored;
    const auto is_here = [&] { return std::filesystem::exists(staging.set(set), ignored); };
    // A remote may keep sets for longer than staging.
    if (!is_here() && config.offsite.empty()) static_cast<void>(find_set(config, set));
    store::pin(staging, set);
    if (is_here())
        say("'{}' is kept until mastobak keep --release {}\n", set, set);
    else
        say("'{}' is not in staging; a remote that has it keeps it from now on\n", set);
    return 0;
}

const Subcommand keep_command(90, "keep", "pin a set, so that retention does not remove it",
                              add_keep_options, command_keep,
                              {.example = "mastobak keep 20261122T030000Z"});

}  // namespace
}  // namespace mastobak::daemon
