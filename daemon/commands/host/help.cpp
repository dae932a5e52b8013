// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/commands/host/help.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"

namespace mastobak::daemon {
namespace {

struct HelpRequest {
    std::string topic{};
    const CLI::App* app = nullptr;
};

void add_help_options(CLI::App& app, Options&, HelpRequest& request) {
    request.app = app.get_parent();
    std::string topics;
    for (const auto& topic : help_topics)
        topics += fmt::format("{}{} ({})", topics.empty() ? "" : ", ", topic.name, topic.about);
    app.add_option("TOPIC", request.topic, "a command, or: " + topics);
}

/// Replaces this process by man(1). Returns only when that is not possible.
void show_page(const HelpTopic& topic) {
    std::fflush(stdout);
    // man and its pager need the default action.
    std::signal(SIGPIPE, SIG_DFL);
    ::execlp("man", "man", topic.section, topic.page, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

int command_help(const Options&, const HelpRequest& request) {
    const CLI::App* described = request.app;
    std::vector<std::string> candidates;
    for (const auto* command : listed_commands(*described))
        candidates.push_back(command->get_name());
    const HelpTopic* page = nullptr;
    for (const auto& topic : help_topics) {
        candidates.emplace_back(topic.name);
        if (topic.name == request.topic) page = &topic;
    }
    if (page != nullptr) show_page(*page);
    if (!request.topic.empty() && request.topic != "mastobak") {
        described = find_command(*request.app, request.topic);
        if (described == nullptr && page != nullptr)
            throw Error(
                Errc::environment,
                fmt::format("cannot show {}({}): man is not installed", page->page, page->section),
                "apt install man-db");
        if (described == nullptr) {
            const auto near = nearest(request.topic, candidates);
            throw Error(Errc::usage, fmt::format("there is no topic '{}'", readable(request.topic)),
                        near.empty() ? "mastobak help shows the commands; mastobak help --help "
                                       "shows the topics"
                                     : fmt::format("did you mean '{}'?", near));
        }
    }
    // App::help() shows the help of the command that was parsed, which is this one.
    const auto name = described == request.app ? "mastobak" : "mastobak " + described->get_name();
    const auto text =
        described->get_formatter()->make_help(described, name, CLI::AppFormatMode::Normal);
    write_out(wrapped(harmless_lines(text)));
    return 0;
}

const Subcommand help_command(205, "help", "show the help of a command, or a man page",
                              add_help_options, command_help, {.example = "mastobak help restore"});

}  // namespace
}  // namespace mastobak::daemon
