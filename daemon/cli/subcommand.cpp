// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/subcommand.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "core/error.hpp"

namespace mastobak::daemon {
namespace {

using Adder = std::function<void(CLI::App&, Options&, std::function<int()>& chosen)>;

/// What adds each command, by its place. The order in which files register them is not defined.
std::map<int, Adder>& registered() {
    static std::map<int, Adder> commands;
    return commands;
}

}  // namespace

Subcommand::Subcommand(int place, const char* name, const char* help, Declare declare,
                       CommandTraits traits) {
    auto add = [=](CLI::App& app, Options& options, std::function<int()>& chosen) {
        auto* command = app.add_subcommand(name, help);
        if (!traits.listed) command->group("");
        if (traits.example != nullptr) command->footer(fmt::format("Example: {}", traits.example));
        const auto work = declare(*command, options);
        if (traits.json) add_json(*command, options);
        command->callback([=, &options, &chosen] {
            chosen = [=, &options] {
                if (!traits.logs) refuse_verbose(options, name);
                return work();
            };
        });
    };
    if (!registered().try_emplace(place, std::move(add)).second)
        throw Error(Errc::internal, fmt::format("'{}' has another command's place", name));
}

void Subcommand::add_all(CLI::App& app, Options& options, std::function<int()>& chosen) {
    for (const auto& [place, add] : registered()) add(app, options, chosen);
}

std::vector<const CLI::App*> listed_commands(const CLI::App& program) {
    return program.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); });
}

const CLI::App* find_command(const CLI::App& program, const std::string& name) {
    for (const auto* command : listed_commands(program))
        if (command->get_name() == name) return command;
    return nullptr;
}

void add_json(CLI::App& command, Options& options) {
    command.add_flag("--json", options.json, "print JSON instead of text");
}

void add_public_key(CLI::App& command, Options& options) {
    command
        .add_option("--public-key", options.public_key,
                    "public key of the host that made the set: its file signing.pub, or the "
                    "second line of that file")
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
        throw Error(Errc::usage,
                    fmt::format("'{}' does not log steps, so it does not take --verbose", command),
                    "leave it out; run takes it with --standalone");
}

}  // namespace mastobak::daemon
