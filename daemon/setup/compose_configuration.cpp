// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/compose_configuration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <system_error>
#include <utility>

#include "async/run_sync.hpp"
#include "backup/database/database_settings.hpp"
#include "backup/plan.hpp"
#include "config/load.hpp"
#include "containers/container_control.hpp"
#include "core/contains.hpp"
#include "core/error.hpp"
#include "core/process/process.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/privileges.hpp"
#include "daemon/setup/answers.hpp"
#include "mastodon/instance.hpp"
#include "media/tree/media_root.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

/// systemd answers within seconds.
constexpr std::chrono::seconds systemctl_patience{60};

/// Returns whether the patterns select exactly these services of all that were found.
bool selects(const std::vector<std::string>& patterns, const std::vector<std::string>& services,
             const std::vector<std::string>& all) {
    return std::ranges::all_of(all, [&](const auto& service) {
        const bool selected = std::ranges::any_of(patterns, [&](const auto& pattern) {
            return ::fnmatch(pattern.c_str(), service.c_str(), 0) == 0;
        });
        return selected == contains(services, service);
    });
}

/// Returns the lines of `services:` that differ from the defaults.
std::string services_text(const containers::FoundProject& project) {
    auto all = project.others;
    for (const auto* services : {&project.web, &project.streaming, &project.sidekiq})
        all.insert(all.end(), services->begin(), services->end());
    const config::Compose defaults;
    std::string text;
    const auto add = [&](const char* key, const std::vector<std::string>& patterns,
                         const std::vector<std::string>& services) {
        if (selects(patterns, services, all)) return;
        std::vector<std::string> quoted;
        for (const auto& service : services) quoted.push_back(yaml_string(service));
        text += fmt::format("      {}: [{}]\n", key, fmt::join(quoted, ", "));
    };
    add("web", defaults.web, project.web);
    add("streaming", defaults.streaming, project.streaming);
    add("sidekiq", defaults.sidekiq, project.sidekiq);
    return text.empty() ? text : "    services:\n" + text;
}

std::string mastodon_text(const EngineProject& chosen, const std::string& directory) {
    std::string text = "mastodon:\n";
    if (!directory.empty()) text += fmt::format("  directory: {}\n", yaml_string(directory));
    text += fmt::format("  compose:\n    project: {}\n", yaml_string(chosen.project.name));
    text += services_text(chosen.project);
    if (chosen.socket != config::Compose().socket)
        text += fmt::format("    socket: {}\n", yaml_string(chosen.socket.native()));
    return text;
}

config::Config config_of(const std::string& text) {
    auto loaded = config::load_text(text, "the new configuration");
    if (!loaded.problems.empty()) throw Error(Errc::config, loaded.problems.front().to_string());
    return std::move(loaded.config);
}

backup::ComposeFacts facts_of(const config::Config& config) {
    boost::asio::io_context loop(1);
    containers::ContainerControl control(config.mastodon.compose.socket);
    const auto facts = async::run_sync(loop, backup::instance_facts(control, config, {}));
    return facts.compose.value();
}

void say_project(const containers::FoundProject& project, const fs::path& directory) {
    std::vector<std::string> files;
    for (const auto& file : project.files) {
        auto name = file.lexically_relative(directory);
        files.push_back(name.native().starts_with("..") ? file : name);
    }
    say("project      '{}' in {}{}\n", project.name, directory.native(),
        files.empty() ? "" : fmt::format(" ({})", fmt::join(files, ", ")));
    say("services     web: {}; streaming: {}; sidekiq: {}\n", fmt::join(project.web, ", "),
        project.streaming.empty() ? "none" : fmt::format("{}", fmt::join(project.streaming, ", ")),
        project.sidekiq.empty() ? "none" : fmt::format("{}", fmt::join(project.sidekiq, ", ")));
    if (!project.others.empty())
        say("             {}: also Mastodon's image, and not stopped; name what writes to the\n"
            "             database or the media in mastodon.compose.services\n",
            fmt::join(project.others, ", "));
}

/// Checks that a set would have the files with the settings and secrets of the project.
void check_files(const containers::FoundProject& project, const fs::path& directory) {
    std::error_code ignored;
    const auto exists = [&](const fs::path& file) { return fs::exists(file, ignored); };
    if (std::ranges::any_of(project.files, exists) || exists(directory / ".env.production")) return;
    throw Error(Errc::environment,
                fmt::format("'{}', which the containers of '{}' name as their directory, has "
                            "neither docker-compose.yml nor .env.production on this host",
                            directory.native(), project.name),
                "--directory DIR names the one that has them: without them, a set would lack the "
                "secrets");
}

/// Returns the section media: of the configuration, which is empty when the defaults find it.
std::string media_text(const mastodon::Instance& instance) {
    if (const auto store = mastodon::object_store(instance.environment, instance.unknowns)) {
        say("media        in an object store ({}), which is not backed up\n", *store);
        return "\n# The media is in an object store: back that up by other means.\n"
               "media:\n  elsewhere: true\n";
    }
    fs::path root;
    try {
        root = mastodon::media_root(instance);
    } catch (const Error& error) {
        throw Error(Errc::environment, error.text(),
                    "the media would be lost with the container: mount a directory there in "
                    "docker-compose.yml, as Mastodon's own does with ./public/system");
    }
    backup::check_media_name(root);
    static_cast<void>(media::open_root(root, {}));
    say("media        {}\n", root.native());
    return {};
}

/// Returns the container whose server listens at an address.
const containers::Inspected* container_at(const std::string& address,
                                          const backup::ComposeFacts& facts) {
    for (const auto& container : facts.project)
        for (const auto& network : container.networks)
            if (!address.empty() && network.address == address) return &container;
    return nullptr;
}

/// Returns the role that the image `postgres` has made; empty for a server that is elsewhere.
/// \param address   of the server
/// \param container nullptr: none of the project has this address
std::string superuser_of(const std::string& address, const containers::Inspected* container) {
    constexpr std::string_view variable = "POSTGRES_USER=";
    if (container == nullptr && address != "127.0.0.1" && address != "localhost") return {};
    if (container != nullptr)
        for (const auto& one : container->environment)
            if (one.starts_with(variable) && one.size() > variable.size())
                return one.substr(variable.size());
    return "postgres";
}

/// Runs systemctl. Returns why it failed; nullopt when it did not.
std::optional<std::string> systemctl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "systemctl");
    const auto finished = run({.argv = std::move(arguments), .timeout = systemctl_patience});
    return finished.ok() ? std::nullopt : std::optional(finished.reason());
}

}  // namespace

ComposeConfiguration compose_configuration(const EngineProject& chosen,
                                           const std::string& directory) {
    check_paths(chosen.project);
    ComposeConfiguration made;
    made.text = mastodon_text(chosen, directory);
    const auto config = config_of(made.text);
    const auto facts = facts_of(config);
    backup::InstanceFacts found;
    found.compose = facts;
    const auto instance = backup::find_instance(config, found);
    say_project(chosen.project, instance.directory);
    check_files(chosen.project, instance.directory);
    made.text += media_text(instance);
    made.database = backup::database_settings(config, instance);
    const auto* server = container_at(made.database.host, facts);
    made.superuser = superuser_of(made.database.host, server);
    made.database_place = fmt::format(
        "'{}' at {}:{}{}", made.database.database, made.database.host, made.database.port,
        server != nullptr && server->name ? fmt::format(" (service '{}')", server->name->service)
                                          : "");
    return made;
}

postgres::Settings database_of_project(const config::Config& config, std::string& superuser) {
    const auto facts = facts_of(config);
    backup::InstanceFacts found;
    found.compose = facts;
    auto settings = backup::mastodons_settings(backup::find_instance(config, found));
    superuser = superuser_of(settings.host, container_at(settings.host, facts));
    return settings;
}

void start_helper(const config::Config& config) {
    const auto socket = config.instance.containers_unit();
    const auto& compose = config.mastodon.compose;
    // The socket of the instance without a name is enabled by a link in the package.
    auto why = config.instance.has_name() ? systemctl({"enable", "--now", socket})
                                          : systemctl({"start", socket});
    if (why)
        throw Error(Errc::environment, fmt::format("{} does not start: {}", socket, *why),
                    fmt::format("systemctl status {}; a socket that is masked needs 'systemctl "
                                "unmask'",
                                socket));
    say("helper       {} listens\n", socket);
    constexpr auto podmans = "podman.socket";
    if (compose.socket.filename() != "podman.sock" || !systemctl({"is-enabled", podmans})) return;
    if (const auto why = systemctl({"enable", "--now", podmans}))
        throw Error(Errc::environment, fmt::format("{} cannot be enabled: {}", podmans, *why),
                    "without it, the containers cannot be started again after a boot");
    say("             {} is enabled\n", podmans);
}

void check_helper_may_read(const fs::path& file, const Instance& instance) {
    const auto used = instance.configuration();
    if (fs::absolute(file).lexically_normal() != used)
        throw Error(Errc::usage,
                    fmt::format("for containers, the configuration has to be '{}': "
                                "mastobak-containers.service reads no other",
                                used.native()),
                    "leave out --config");
    // The directory of an instance with a name is made later, in one that only root can write.
    auto existing = used;
    while (!fs::exists(existing)) existing = existing.parent_path();
    check_only_root_writes(existing);
}

}  // namespace mastobak::daemon
