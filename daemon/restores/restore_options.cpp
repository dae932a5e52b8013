// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restores/restore_options.hpp"

#include <string>
#include <vector>

#include "daemon/cli/subcommand.hpp"

namespace mastobak::daemon {

void add_options(CLI::App& command, Options& options, RestoreRequest& request) {
    request.variables = options.variables;
    command.add_option("SET", request.set, "name of the set, or latest");
    command
        .add_option("--before", request.before,
                    "the newest set that was begun before this date, which is in UTC as the names "
                    "of sets are: 2026-11-22 or 2026-11-22T03:00")
        ->type_name("DATE");
    command
        .add_option_function<std::string>(
            "--database",
            [&request](const std::string& name) {
                request.database = true;
                request.database_name = name == "{}" ? "" : name;
            },
            "restore the database, into a new one of this name; by default its name in the set")
        ->expected(0, 1)
        ->type_name("[NAME]");
    command
        .add_option("--database-url", request.database_url,
                    "the server to restore into, a role that may create databases there, and the "
                    "database's name; without a password")
        ->type_name("postgresql://ROLE@HOST/NAME");
    command
        .add_option("--passfile", request.passfile,
                    "with --database-url: a file with a line HOST:PORT:DATABASE:ROLE:PASSWORD, as "
                    "in ~/.pgpass")
        ->type_name("FILE");
    command
        .add_option_function<std::vector<std::string>>(
            "--media",
            [&request](const std::vector<std::string>& names) {
                request.media = true;
                for (const auto& name : names)
                    if (!name.empty() && name != "{}") request.media_paths.push_back(name);
            },
            std::string("restore the media, or only those that are named: ") + what_names_are)
        ->expected(0, -1)
        ->type_name("[NAME...]");
    command.add_flag("--config-files", request.config_files, "restore the configuration files");
    command
        .add_option("--to", request.to,
                    "media below DIR/media instead of where they were, configuration below "
                    "DIR/config instead of ./SET-config")
        ->type_name("DIR");
    command.add_flag("--in-place", request.in_place,
                     "write Mastodon's own configuration files to where they were; files that they "
                     "replace are kept");
    command.add_flag(
        "--force", request.force,
        "with --in-place: write all configuration files of the set to where they were");
    command.add_flag("--yes", request.yes, "do not ask for confirmation");
    command.add_flag("--replace", request.replace, "rename an existing database of that name");
    // CLI11 2.1 would set an optional<bool> to false when the flag is not given.
    command.add_flag_function(
        "--repair-remote-media,!--no-repair-remote-media",
        [&request](std::int64_t count) { request.repair = count > 0; },
        "have Mastodon fetch remote media again; the default when all of a set without them is "
        "restored");
    command
        .add_option("--owner", request.owner,
                    "give all restored media to this user; by default Mastodon's files belong to "
                    "Mastodon's user here, and others to the numbers in the set")
        ->type_name("USER");
    command.add_flag("--plan", request.plan, "show what would be done, and do nothing");
    command
        .add_option("--from", request.from,
                    "a remote of the configuration, rclone:REMOTE:PATH, rsync:HOST:PATH, or a "
                    "directory with 'sets' and 'media' in it; without it: staging, then the first "
                    "remote that has the set")
        ->type_name("PLACE");
    command.add_flag("--unsigned", request.unsigned_too,
                     "restore the set even if nothing proves that this host made it");
    add_public_key(command, options);
}

}  // namespace mastobak::daemon
