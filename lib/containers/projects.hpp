// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "containers/answers.hpp"
#include "containers/engine.hpp"

/// Finds the projects of Docker Compose that have a Mastodon.
namespace mastobak::containers {

/// What a container of Mastodon does.
enum class Role { web, streaming, sidekiq };

/// Returns what a container does, by its command; by the name of its service when the command does
/// not say it and the image is Mastodon's. nullopt: something else, such as the database.
/// Source: docker-compose.yml of Mastodon 3.5 to 4.5
std::optional<Role> role_of(const Inspected& container);

/// Returns whether a container has Mastodon's program: by the name of its image, which forks keep,
/// or by LOCAL_DOMAIN, which each Mastodon needs.
bool is_mastodon(const Inspected& container);

/// A project with a Mastodon. Each list of services is sorted and has no service twice.
struct FoundProject {
    std::string name;
    std::vector<std::string> web, streaming, sidekiq;
    /// Services with Mastodon's image that are none of the above.
    std::vector<std::string> others;
    /// The directory of docker-compose.yml, as the containers' labels name it; empty: they do not.
    std::filesystem::path directory;
    std::vector<std::filesystem::path> files;  ///< docker-compose.yml and its overrides
};

/// What was found.
struct FoundProjects {
    std::vector<FoundProject> projects;  ///< in the order of their names
    /// For each container of Mastodon that cannot be controlled: why.
    std::vector<std::string> unusable;
};

/// Groups containers. A project is one of Mastodon when a container of web or sidekiq is.
/// \param all containers with the label of their project, verbatim
FoundProjects projects_of(const std::vector<std::pair<std::string, Inspected>>& all);

/// Asks an engine for all containers of Docker Compose, and returns those projects.
/// Throws Error{units} when the engine cannot be reached.
FoundProjects find_projects(const Connection& to);

}  // namespace mastobak::containers
