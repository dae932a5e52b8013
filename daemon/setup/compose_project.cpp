// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/compose_project.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <system_error>

#include "core/error.hpp"
#include "core/text.hpp"
#include "daemon/cli/confirm.hpp"
#include "daemon/cli/output.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

/// An answer of the admin that means the units, and that no project may have as its name here.
constexpr auto units_word = "units";

bool is_control_character(unsigned char c) {
    return c < 0x20 || c == 0x7f;
}

std::string names_of(const std::vector<EngineProject>& projects) {
    std::string names;
    for (const auto& one : projects)
        names += fmt::format("{}'{}' in {}", names.empty() ? "" : ", ", one.project.name,
                             one.project.directory.native());
    return names;
}

/// Returns whether `docker-compose.yml`, or its directory, is that of a project.
bool belongs_to(const fs::path& given, const containers::FoundProject& project) {
    const auto same = [&](const fs::path& path) {
        std::error_code ignored;
        return fs::equivalent(given, path, ignored);
    };
    return same(project.directory) || std::ranges::any_of(project.files, same);
}

[[noreturn]] void throw_nothing_found(const EnginesOfHost& engines, const std::string& what) {
    if (!engines.silent.empty()) throw Error(Errc::units, engines.silent.front());
    if (!engines.unusable.empty())
        throw Error(Errc::environment, engines.unusable.front(),
                    "start Mastodon with docker compose, which sets its labels");
    throw Error(Errc::environment, what,
                engines.projects.empty()
                    ? "start Mastodon with 'docker compose up -d'; for podman: systemctl enable "
                      "--now podman.socket"
                    : "the projects with a Mastodon are " + names_of(engines.projects));
}

/// Returns the projects that the options name.
std::vector<EngineProject> named(const EnginesOfHost& engines, const WantedMastodon& wanted) {
    std::vector<EngineProject> fitting;
    std::error_code ignored;
    if (!wanted.compose.empty() && !fs::exists(wanted.compose, ignored))
        throw Error(Errc::usage, fmt::format("--compose: '{}' does not exist", wanted.compose),
                    "name docker-compose.yml, or the directory that has it");
    std::ranges::copy_if(
        engines.projects, std::back_inserter(fitting), [&](const EngineProject& one) {
            return (wanted.project.empty() || one.project.name == wanted.project) &&
                   (wanted.compose.empty() || belongs_to(wanted.compose, one.project));
        });
    if (fitting.empty())
        throw_nothing_found(
            engines, wanted.compose.empty()
                         ? fmt::format("there is no project '{}' with a Mastodon", wanted.project)
                         : fmt::format("there are no containers of a Mastodon that '{}' has made",
                                       wanted.compose));
    return fitting;
}

std::optional<EngineProject> asked(const std::vector<EngineProject>& projects, bool units) {
    while (true) {
        const auto answer =
            answer_to(units ? "Which one is backed up? ('units', or the name of the project)"
                            : "Which one is backed up? (the name of the project)");
        if (answer.empty()) throw Error(Errc::cancelled, "nothing was written");
        if (units && answer == units_word) return std::nullopt;
        const auto one =
            std::ranges::find_if(projects, [&](const auto& p) { return p.project.name == answer; });
        if (one != projects.end()) return *one;
        say_error("there is no '{}' here\n", answer);
    }
}

}  // namespace

std::vector<fs::path> engine_sockets() {
    return {"/run/docker.sock", "/run/podman/podman.sock"};
}

EnginesOfHost look_at_engines(const std::vector<fs::path>& sockets) {
    EnginesOfHost engines;
    for (const auto& socket : sockets) {
        if (std::error_code ignored; !fs::is_socket(socket, ignored)) continue;
        try {
            auto found = containers::find_projects({.socket = socket});
            for (auto& project : found.projects)
                engines.projects.push_back({socket, std::move(project)});
            std::ranges::move(found.unusable, std::back_inserter(engines.unusable));
        } catch (const Error& error) {
            engines.silent.push_back(error.text());
        }
    }
    return engines;
}

std::optional<EngineProject> choose_project(const EnginesOfHost& engines,
                                            const WantedMastodon& wanted,
                                            const std::vector<std::string>& units, bool may_ask) {
    for (const auto& why : engines.silent) say("containers   {}\n", why);
    if (!engines.projects.empty())
        for (const auto& why : engines.unusable) say("left out     {}\n", why);
    const auto projects = wanted.in_containers() ? named(engines, wanted) : engines.projects;
    const bool or_units = !wanted.in_containers() && !units.empty();
    if (projects.empty()) {
        if (or_units || (engines.unusable.empty() && engines.silent.empty())) return std::nullopt;
        throw_nothing_found(engines, "there is no project with a Mastodon");
    }
    if (projects.size() == 1 && !or_units) return projects.front();
    const auto both = or_units ? fmt::format("Mastodon's units ({}) and projects of containers: {}",
                                             fmt::join(units, ", "), names_of(projects))
                               : "several projects with a Mastodon: " + names_of(projects);
    if (!may_ask)
        throw Error(Errc::usage, "this host has " + both,
                    or_units ? "--project NAME backs up the containers, --directory DIR the units"
                             : "--project NAME, or --compose FILE, names one of them");
    say("This host has {}.\n", both);
    return asked(projects, or_units);
}

void check_paths(const containers::FoundProject& project) {
    const auto check = [&](const fs::path& path, const char* label) {
        if (std::ranges::none_of(path.native(), is_control_character)) return;
        throw Error(Errc::environment,
                    fmt::format("the label com.docker.compose.{} of the project '{}' has control "
                                "characters: '{}'",
                                label, project.name, readable(path.native())),
                    "is that what docker-compose.yml should be? 'docker compose up -d' sets the "
                    "label anew");
    };
    check(project.directory, "project.working_dir");
    for (const auto& file : project.files) check(file, "project.config_files");
}

}  // namespace mastobak::daemon
