// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/instance_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/contains.hpp"
#include "core/error.hpp"
#include "core/process/privilege.hpp"
#include "mastodon/unit_facts.hpp"
#include "units/container_name.hpp"
#include "units/record.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;
namespace {

async::Task<std::string> unit_property(units::UnitControl& control, std::string unit,
                                       std::string name) {
    const auto value = co_await control.property(std::move(unit), std::move(name));
    co_return value.value_or("");
}

/// How well a container tells what Mastodon's settings are: one that runs, of web.
int suits(const containers::Inspected& container, const config::Compose& compose) {
    const auto is_of = [&](const std::vector<std::string>& services) {
        return units::matches_one(container.name->service, services);
    };
    const int kind = is_of(compose.web)                                   ? 3
                     : is_of(compose.sidekiq) || is_of(compose.streaming) ? 2
                                                                          : 0;
    return kind == 0 ? 0 : 2 * kind + (container.running ? 1 : 0);
}

/// Returns the files of the project that have settings.
std::vector<fs::path> env_files(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory, ignored))
        if (entry.path().filename().native().starts_with(".env") && entry.is_regular_file(ignored))
            files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

/// The paths of Mastodon's images: the second one is a symlink to the first one.
constexpr std::string_view image_directory = "/opt/mastodon", image_link = "/mastodon";

/// Returns a path without ".", ".." and a slash at its end.
fs::path normal(const fs::path& path) {
    const auto result = path.lexically_normal();
    return result.has_filename() || !result.has_relative_path() ? result : result.parent_path();
}

/// Returns both spellings of a path in Mastodon's image.
std::vector<fs::path> spellings(const fs::path& path) {
    std::vector<fs::path> paths{normal(path)};
    const auto text = paths.front().native();
    const auto swap = [&](std::string_view from, std::string_view to) {
        if (text.starts_with(std::string(from) + "/"))
            paths.emplace_back(std::string(to) + text.substr(from.size()));
    };
    swap(image_directory, image_link);
    swap(image_link, image_directory);
    return paths;
}

/// Returns where the media is in the container.
fs::path media_in(const containers::Inspected& container, const mastodon::Environment& settings) {
    mastodon::Instance inside;
    inside.directory = container.working_directory.empty() ? fs::path(image_directory)
                                                           : container.working_directory;
    inside.environment = settings;
    return mastodon::media_root(inside);
}

/// Replaces the host of a database's URL: "postgresql://user:password@HOST:5432/name". The address
/// of a container is that of its network, so an address in brackets stays.
void move_url(std::string& url, const ComposeFacts& compose) {
    const auto slashes = url.find("//");
    if (slashes == url.npos) return;
    const auto at = url.rfind('@');
    const auto begin = at == url.npos ? slashes + 2 : at + 1;
    const auto size = std::min(url.find_first_of(":/?", begin), url.size()) - begin;
    const auto address = address_on_host(url.substr(begin, size), compose);
    url.replace(begin, size, address.find(':') == address.npos ? address : "[" + address + "]");
}

/// Makes the settings of the database those of the host.
void move_database(mastodon::Instance& instance, const ComposeFacts& compose) {
    auto& environment = instance.environment;
    for (const auto* name : {"DB_HOST", "PGHOST"}) {
        const auto set = environment.find(name);
        if (set == environment.end()) continue;
        if (set->second.starts_with('/'))
            set->second = mounted_from(compose.mastodon, set->second).value_or(set->second);
        else
            set->second = address_on_host(set->second, compose);
    }
    for (const auto* name : {"DATABASE_URL", "PRIMARY_DATABASE_URL"}) {
        if (const auto set = environment.find(name); set != environment.end())
            move_url(set->second, compose);
    }
}

mastodon::Instance instance_of(const config::Config& config, const ComposeFacts& compose) {
    const auto& container = compose.mastodon;
    const ReadAnything raised;
    mastodon::Instance instance;
    instance.directory =
        config.mastodon.directory.empty() ? container.project_directory : config.mastodon.directory;
    if (instance.directory.empty())
        throw Error(Errc::environment,
                    fmt::format("the directory of the project '{}' is not known: its containers "
                                "lack the label com.docker.compose.project.working_dir",
                                config.mastodon.compose.project),
                    "set mastodon.directory to the directory of docker-compose.yml");
    instance.env_file = config.mastodon.env_file.empty() ? instance.directory / ".env.production"
                                                         : config.mastodon.env_file;
    instance.env_files_read = env_files(instance.directory);
    const bool listed = std::ranges::find(instance.env_files_read, instance.env_file) !=
                        instance.env_files_read.end();
    if (std::error_code ignored; !listed && fs::exists(instance.env_file, ignored))
        instance.env_files_read.push_back(instance.env_file);
    for (const auto& variable : container.environment)
        if (const auto equals = variable.find('='); equals != variable.npos && equals > 0)
            instance.environment[variable.substr(0, equals)] = variable.substr(equals + 1);
    instance.user = container.user.substr(0, container.user.find(':'));
    if (instance.user.empty()) instance.user = "mastodon";
    const auto inside = media_in(container, instance.environment);
    if (const auto mounted = mounted_from(container, inside)) {
        instance.environment["PAPERCLIP_ROOT_PATH"] = *mounted;
    } else {
        instance.environment.erase("PAPERCLIP_ROOT_PATH");
        instance.unknowns["PAPERCLIP_ROOT_PATH"] =
            fmt::format("the media directory '{}' of '{}' is not a mounted directory or volume",
                        inside.native(), container.name->to_string());
    }
    move_database(instance, compose);
    return instance;
}

async::Task<ComposeFacts> compose_facts(units::UnitControl& control, const config::Config& config) {
    const auto& compose = config.mastodon.compose;
    std::vector<std::string> patterns{units::pattern_of_service(compose.project, "*")};
    const auto all = co_await control.list(patterns);
    ComposeFacts facts;
    int best = 0;
    for (const auto& unit : all) {
        const auto answer = co_await control.property(unit.name, "Container");
        if (!answer) continue;  // it was removed in the meantime
        auto container = containers::parse_inspection(*answer);
        if (!container.name) continue;
        if (const int fits = suits(container, compose); fits > best) {
            facts.mastodon = container;
            best = fits;
        }
        facts.project.push_back(std::move(container));
    }
    if (best == 0)
        throw Error(Errc::environment,
                    fmt::format("the project '{}' has no container of Mastodon's services",
                                compose.project),
                    "'docker compose ls' lists the projects, 'docker compose ps --all' their "
                    "containers; see mastodon.compose");
    co_return facts;
}

}  // namespace

async::Task<mastodon::UnitFacts> unit_facts(units::UnitControl& control,
                                            const std::vector<units::Unit>& units) {
    mastodon::UnitFacts facts;
    int best = 0;
    for (const auto& unit : units) {
        if (units::names_containers(unit.name)) continue;
        const auto environment = mastodon::parse_unit_environment(
            co_await unit_property(control, unit.name, "Environment"));
        // Prefers a unit with Mastodon's usual name, then one with RAILS_ENV, then an active one.
        const int fits = (unit.name.find("web") != std::string::npos ? 4 : 0) +
                         (environment.contains("RAILS_ENV") ? 2 : 0) + (unit.active() ? 1 : 0);
        if (fits <= best) continue;
        const auto user = mastodon::parse_user(co_await unit_property(control, unit.name, "User"));
        const auto directory = co_await unit_property(control, unit.name, "WorkingDirectory");
        if (fits == 1 && directory.empty()) continue;  // perhaps a unit of another program
        const auto files = co_await unit_property(control, unit.name, "EnvironmentFiles");
        facts = {.working_directory = mastodon::parse_working_directory(directory, user),
                 .environment = environment,
                 .environment_files = mastodon::parse_environment_file_list(files),
                 .user = user};
        best = fits;
    }
    co_return facts;
}

async::Task<InstanceFacts> instance_facts(units::UnitControl& control, const config::Config& config,
                                          const std::vector<units::Unit>& units) {
    InstanceFacts facts;
    if (config.mastodon.compose.used())
        facts.compose = co_await compose_facts(control, config);
    else
        facts.web = co_await unit_facts(control, units);
    co_return facts;
}

mastodon::Instance find_instance(const config::Config& config, const InstanceFacts& facts) {
    if (facts.compose) return instance_of(config, *facts.compose);
    return mastodon::find_instance(config.mastodon.directory, config.mastodon.env_file, facts.web);
}

std::optional<fs::path> mounted_from(const containers::Inspected& container, const fs::path& path) {
    for (const auto& spelling : spellings(path))
        for (const auto& mount : container.mounts)
            if (normal(mount.destination) == spelling) return mount.source;
    return std::nullopt;
}

std::string address_on_host(const std::string& name, const ComposeFacts& compose) {
    constexpr auto of_host = "host";
    // Such a container finds names as the host does.
    if (name.empty() || compose.mastodon.network_mode == of_host) return name;
    const auto shares = [&](const containers::Network& network) {
        return std::ranges::any_of(compose.mastodon.networks,
                                   [&](const auto& other) { return other.name == network.name; });
    };
    std::string address;
    for (const auto& container : compose.project) {
        if (!container.running || !container.name) continue;
        const bool known = container.name->service == name;
        if (known && container.network_mode == of_host) return "127.0.0.1";
        for (const auto& network : container.networks) {
            if (network.address.empty() || (!known && !contains(network.aliases, name))) continue;
            if (shares(network)) return network.address;
            if (address.empty()) address = network.address;
        }
    }
    return address.empty() ? name : address;
}

}  // namespace mastobak::backup
