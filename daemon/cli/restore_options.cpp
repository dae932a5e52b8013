// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/restore_options.hpp"

#include <string>
#include <vector>

#include "daemon/cli/subcommand.hpp"

namespace mastobak::daemon {

void add_options(CLI::App& command, Options& options, RestoreRequest& request) {
    request.variables = options.variables;
    command.add_option("SET", request.set, "its name, or latest");
    command.add_option("--before", request.before, "the newest set that is older (UTC)")
        ->type_name("DATE");
    command
        .add_option_function<std::string>(
            "--database",
            [&request](const std::string& name) {
                request.database = true;
                request.database_name = name == "{}" ? "" : name;
            },
            "the database, into a new one of this name or of that in the set")
        ->expected(0, 1)
        ->type_name("[NAME]");
    command
        .add_option("--database-url", request.database_url,
                    "the server to restore into, as a role that may make databases, and the "
                    "database's name; without a password")
        ->type_name("postgresql://ROLE@HOST/NAME");
    command
        .add_option("--passfile", request.passfile,
                    "with --database-url: a line HOST:PORT:DATABASE:ROLE:PASSWORD, as "
                    "~/.pgpass has it")
        ->type_name("FILE");
    command
        .add_option_function<std::vector<std::string>>(
            "--media",
            [&request](const std::vector<std::string>& names) {
                request.media = true;
                for (const auto& name : names)
                    if (!name.empty() && name != "{}") request.media_paths.push_back(name);
            },
            std::string("the media, or: ") + what_names_are)
        ->expected(0, -1)
        ->type_name("[NAME...]");
    command.add_flag("--config-files", request.config_files, "the configuration files");
    command
        .add_option("--to", request.to,
                    "media below DIR/media instead of where they were, configuration below "
                    "DIR/config instead of ./SET-config")
        ->type_name("DIR");
    command.add_flag("--in-place", request.in_place,
                     "configuration where it was, what belongs to Mastodon; what it replaces "
                     "is kept");
    command.add_flag("--force", request.force,
                     "with --in-place: all that is in the set, wherever it was");
    command.add_flag("--yes", request.yes, "ask nothing");
    command.add_flag("--replace", request.replace,
                     "rename a database of that name that is not empty");
    // CLI11 2.1 would set an optional<bool> to false when the flag is not given.
    command.add_flag_function(
        "--repair-remote-media,!--no-repair-remote-media",
        [&request](std::int64_t count) { request.repair = count > 0; },
        "have Mastodon fetch remote media again (with everything: unless the set has them)");
    command
        .add_option("--owner", request.owner,
                    "who gets the media (mastodon, where that is another number here)")
        ->type_name("USER");
    command.add_flag("--plan", request.plan, "say what would be done, and do nothing");
    command.add_option("--from", request.from, "as for extract")->type_name("PLACE");
    command.add_flag("--unsigned", request.unsigned_too,
                     "also a set of which nothing proves that this host made it");
    add_public_key(command, options);
}

}  // namespace mastobak::daemon
