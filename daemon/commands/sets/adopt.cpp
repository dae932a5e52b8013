// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "backup/retention/remote_signing.hpp"
#include "core/error.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/confirm.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/privileges.hpp"
#include "daemon/scratch_directory.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::daemon {
namespace {

struct AdoptRequest {
    std::string set{};
    std::string from{};  ///< the name of a remote of the configuration
    bool yes = false;    ///< do not ask whether this host made the set
};

void add_adopt_options(CLI::App& app, Options&, AdoptRequest& request) {
    app.add_option("SET", request.set, "its name")->required();
    app.add_option("--from", request.from, "a remote of the configuration")
        ->type_name("REMOTE")
        ->required();
    app.add_flag("--yes", request.yes, "do not ask for confirmation");
}

int command_adopt(const Options& options, const AdoptRequest& request) {
    const auto& [set, from, yes] = request;
    const auto config = load_config(options);
    const auto& entry = remote_named(config, from);
    become_owner_of(config.state_directory);
    const StopOnSignal stop;
    const ScratchDirectory scratch;
    const store::Staging staging(config.staging.path);
    const auto keys = store::make_keys(config.state_directory, staging);
    const auto remote = offsite::make_remote(entry, scratch.path());
    const auto found =
        backup::find_unsigned_set(*remote, set, scratch.path() / "fetched", stop.token());
    say("The manifest of '{}' at the remote '{}' says that mastobak {} made it on '{}', from "
        "database '{}'.\n"
        "Everyone who can write to that remote could have put it there.\n",
        set, from, found.manifest.mastobak_version, found.manifest.host,
        found.manifest.database.name);
    if (!yes && !can_ask())
        throw Error(Errc::usage, "adopt asks for confirmation, and there is no terminal to ask on",
                    "--yes confirms it");
    if (!yes && !confirmed("Is it yours?", stop.token()))
        throw Error(Errc::cancelled, fmt::format("'{}' is not signed", set));
    backup::adopt(*remote, found, *keys.own, scratch.path() / "fetched", stop.token());
    say("signed: it counts as a set of this host from now on\n");
    return 0;
}

const Subcommand adopt_command(
    100, "adopt", "sign a set that only a remote has, so that it counts as one of this host",
    add_adopt_options, command_adopt, {.example = "mastobak adopt 20261122T030000Z --from b2"});

}  // namespace
}  // namespace mastobak::daemon
