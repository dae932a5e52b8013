// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "containers/projects.hpp"

/// Which Mastodon setup configures: units of systemd, or a project of Docker Compose.
namespace mastobak::daemon {

/// What the admin has said about it. Empty texts: nothing.
struct WantedMastodon {
    std::string directory{};  ///< Mastodon's directory, or that of the project with its .env*
    std::string compose{};    ///< docker-compose.yml, or its directory
    std::string project{};    ///< the name of the project

    bool in_containers() const { return !compose.empty() || !project.empty(); }
    bool empty() const { return directory.empty() && !in_containers(); }
};

/// A project and the engine that has it.
struct EngineProject {
    std::filesystem::path socket;
    containers::FoundProject project;
};

/// What the engines of this host have.
struct EnginesOfHost {
    std::vector<EngineProject> projects;
    std::vector<std::string> unusable;  ///< see containers::FoundProjects
    std::vector<std::string> silent;    ///< for each engine that does not answer: why
};

/// The sockets of Docker and of podman, as Debian's packages have them.
std::vector<std::filesystem::path> engine_sockets();

/// Asks each engine whose socket exists.
EnginesOfHost look_at_engines(const std::vector<std::filesystem::path>& sockets);

/// Returns the project that is to be backed up; nullopt when it is Mastodon's units. Prints what was
/// found where there is a choice, and asks when it may.
/// \param units names of Mastodon's units on this host
/// Throws Error{usage} when the choice is not clear, Error{environment} when there is no such
/// project, and Error{units} when no engine that could have it answers.
std::optional<EngineProject> choose_project(const EnginesOfHost& engines,
                                            const WantedMastodon& wanted,
                                            const std::vector<std::string>& units, bool may_ask);

/// Checks that the paths of a project are usable: they come from labels, which the images of
/// containers can have, too.
/// Throws Error{environment}.
void check_paths(const containers::FoundProject& project);

}  // namespace mastobak::daemon
