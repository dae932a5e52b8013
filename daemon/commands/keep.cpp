// SPDX-License-Identifier: GPL-3.0-or-later

#include <filesystem>

#include "daemon/cli/command.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/privileges.hpp"
#include "store/marks.hpp"

namespace mastobak::daemon {

int command_keep(const Options& options, const std::string& name, bool release) {
    const auto config = load_config(options);
    become_owner_of(config.state_directory);
    const store::Staging staging(config.staging.path);
    const auto set = name == "latest" ? find_set(config, name) : name;
    if (release) {
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

}  // namespace mastobak::daemon
