// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/subcommand.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "core/error.hpp"

namespace mastobak::daemon {
namespace {

using Declared = std::function<std::function<int()>(CLI::App&, Options&)>;

/// The registered commands by their places. The order in which files register them is not defined.
std::map<int, std::pair<Subcommand::About, Declared>>& registered() {
    static std::map<int, std::pair<Subcommand::About, Declared>> commands;
    return commands;
}

}  // namespace

Subcommand::Subcommand(const About& about, Declare declare) {
    if (!registered().try_emplace(about.place, about, std::move(declare)).second)
        throw Error(Errc::internal, fmt::format("'{}' has another command's place", about.name));
}

void Subcommand::add_all(CLI::App& app, Options& options, std::function<int()>& chosen) {
    for (const auto& [place, command] : registered()) {
        const auto& [about, declare] = command;
        auto* added = app.add_subcommand(about.name, about.help);
        if (!about.listed) added->group("");
        auto work = declare(*added, options);
        if (about.json) add_json(*added, options);
        added->callback([&options, &chosen, about = about, work = std::move(work)] {
            chosen = [&options, about, work] {
                if (!about.logs) refuse_verbose(options, about.name);
                return work();
            };
        });
    }
}

void add_json(CLI::App& command, Options& options) {
    command.add_flag("--json", options.json, "print an object instead of text");
}

void add_public_key(CLI::App& command, Options& options) {
    command
        .add_option("--public-key", options.public_key,
                    "of the host that made the set (signing.pub, or its second line)")
        ->type_name("KEY");
}

void add_source(CLI::App& command, std::string& from, const std::string& without) {
    command
        .add_option("--from", from,
                    "a remote of the configuration, rclone:REMOTE:PATH, "
                    "rsync:HOST:PATH, or a directory with 'sets' and 'media' in it; without it: " +
                        without)
        ->type_name("PLACE");
}

void refuse_verbose(const Options& options, const std::string& command) {
    if (options.verbose)
        throw Error(Errc::usage, fmt::format("'{}' logs no steps: it takes no --verbose", command),
                    "leave it out; run takes it with --standalone");
}

}  // namespace mastobak::daemon
