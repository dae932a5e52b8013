// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mastobak::units {

/// The name of a container, made of the labels by which Docker Compose knows it:
/// "mastodon/web/1.container". It stays the same when the container is made anew. It contains '/',
/// which no unit of systemd has in its name.
struct ContainerName {
    std::string project;  ///< com.docker.compose.project
    std::string service;  ///< com.docker.compose.service
    std::string number;   ///< com.docker.compose.container-number

    std::string to_string() const;
    bool operator==(const ContainerName&) const = default;
};

/// Returns nullopt when the labels are not those of a container that Docker Compose has made.
std::optional<ContainerName> container_name(std::string project, std::string service,
                                            std::string number);

/// Parses "PROJECT/SERVICE/NUMBER.container". Returns nullopt for any other text.
std::optional<ContainerName> parse_container_name(std::string_view text);

/// Returns whether a name or pattern is that of containers, and not that of units.
inline bool names_containers(std::string_view name_or_pattern) {
    return name_or_pattern.find('/') != std::string_view::npos;
}

/// Returns whether a text is a name of a project: lower-case letters, digits, '-', '_'.
bool is_project_name(std::string_view text);

/// Returns the command that shows more about a unit or container: "systemctl status NAME".
std::string status_command(const std::string& name);

/// Returns the pattern for all containers of services.
/// \param service a name or glob: "sidekiq*"
std::string pattern_of_service(std::string_view project, std::string_view service);

}  // namespace mastobak::units
