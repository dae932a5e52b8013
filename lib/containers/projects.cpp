// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/projects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "core/contains.hpp"
#include "core/text.hpp"

namespace mastobak::containers {
namespace {

/// Splits a command into words, also one that is a script of `sh -c`.
std::vector<std::string> words_of(const std::vector<std::string>& command) {
    constexpr std::string_view separators = " \t\n;&|()'\"";
    std::vector<std::string> words;
    for (const auto& argument : command)
        for (std::size_t from = 0; from < argument.size();) {
            const auto begin = argument.find_first_not_of(separators, from);
            if (begin == argument.npos) break;
            const auto end = std::min(argument.find_first_of(separators, begin), argument.size());
            words.push_back(argument.substr(begin, end - begin));
            from = end;
        }
    return words;
}

std::string_view program_name(std::string_view word) {
    return word.substr(word.rfind('/') + 1);
}

std::optional<Role> role_of_command(const std::vector<std::string>& command) {
    const auto words = words_of(command);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto program = program_name(words[i]);
        if (program == "sidekiq" || program == "sidekiqswarm") return Role::sidekiq;
        if (program == "puma") return Role::web;
        const bool more = i + 1 < words.size();
        if (program == "rails" && more && (words[i + 1] == "s" || words[i + 1] == "server"))
            return Role::web;
        // "node ./streaming", "node ./streaming/index.js"
        if (program == "node" && more && words[i + 1].find("streaming") != std::string::npos)
            return Role::streaming;
    }
    return std::nullopt;
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

bool has_mastodons_image(const Inspected& container) {
    constexpr std::array<std::string_view, 3> names{"mastodon", "glitch", "hometown"};
    return std::ranges::any_of(names, [&](auto name) { return has(container.image, name); });
}

void add(std::vector<std::string>& services, const std::string& service) {
    if (!contains(services, service)) services.push_back(service);
    std::ranges::sort(services);
}

std::vector<std::string>& services_of(FoundProject& project, std::optional<Role> role) {
    if (!role) return project.others;
    switch (*role) {
        case Role::web:
            return project.web;
        case Role::streaming:
            return project.streaming;
        case Role::sidekiq:
            return project.sidekiq;
    }
    return project.others;
}

}  // namespace

std::optional<Role> role_of(const Inspected& container) {
    if (const auto role = role_of_command(container.command)) return role;
    if (!has_mastodons_image(container) || !container.name) return std::nullopt;
    const auto& service = container.name->service;
    if (has(service, "sidekiq")) return Role::sidekiq;
    if (has(service, "streaming")) return Role::streaming;
    // An image of others may run all of Mastodon in one container, with an init of its own.
    if (has(service, "web") || service == "mastodon" || service == "app") return Role::web;
    return std::nullopt;
}

bool is_mastodon(const Inspected& container) {
    return has_mastodons_image(container) ||
           std::ranges::any_of(container.environment, [](const auto& variable) {
               return variable.starts_with("LOCAL_DOMAIN=");
           });
}

FoundProjects projects_of(const std::vector<std::pair<std::string, Inspected>>& all) {
    FoundProjects found;
    std::map<std::string, FoundProject> projects;
    for (const auto& [label, container] : all) {
        const auto role = role_of(container);
        const bool mastodon = is_mastodon(container);
        if (!container.name) {
            constexpr std::size_t short_id = 12;
            if (role && mastodon)
                found.unusable.push_back(
                    fmt::format("the labels com.docker.compose.* of the container {} are not "
                                "those of Docker Compose: its project is '{}'",
                                container.id.substr(0, short_id), readable(label)));
            continue;
        }
        // A database may have the same .env.production, and another program a sidekiq, too.
        if (!mastodon || (!role && !has_mastodons_image(container))) continue;
        auto& project = projects[container.name->project];
        project.name = container.name->project;
        add(services_of(project, role), container.name->service);
        if (!role || !project.directory.empty()) continue;
        project.directory = container.project_directory;
        project.files = container.compose_files;
    }
    for (auto& [name, project] : projects)
        if (!project.web.empty() || !project.sidekiq.empty())
            found.projects.push_back(std::move(project));
    return found;
}

FoundProjects find_projects(const Connection& to) {
    std::vector<std::pair<std::string, Inspected>> all;
    for (const auto& one : labelled(to))
        // A container that was removed in the meantime is left out.
        if (auto container = inspect(to, one.id)) all.emplace_back(one.project, *container);
    return projects_of(all);
}

}  // namespace mastobak::containers
