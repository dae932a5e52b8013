// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "config/config.hpp"
#include "containers/answers.hpp"
#include "mastodon/instance.hpp"
#include "units/unit_control.hpp"

namespace mastobak::backup {

/// The containers of a project of Docker Compose.
struct ComposeFacts {
    containers::Inspected mastodon;  ///< a container of Mastodon: if possible, one of web
    std::vector<containers::Inspected> project;  ///< all containers, with the one above
};

/// What systemd and the container engine say of Mastodon.
struct InstanceFacts {
    mastodon::UnitFacts web{};
    std::optional<ComposeFacts> compose{};  ///< if the configuration names a project
};

/// Asks systemd about the unit of Mastodon's web server, which defines Mastodon's environment.
async::Task<mastodon::UnitFacts> unit_facts(units::UnitControl& control,
                                            const std::vector<units::Unit>& units);

/// Asks about Mastodon's units, or about the containers of its project.
/// \param units units and containers that match mastodon.units
/// Throws Error{units} when the engine cannot be asked; Error{environment} when there is no
/// container of Mastodon.
async::Task<InstanceFacts> instance_facts(units::UnitControl& control, const config::Config& config,
                                          const std::vector<units::Unit>& units);

/// Finds Mastodon on this host. For containers, the environment is that of the running container,
/// as seen from the host: DB_HOST is the address of the database's container, and
/// PAPERCLIP_ROOT_PATH the directory that is mounted for the media.
/// Throws as mastodon::find_instance().
mastodon::Instance find_instance(const config::Config& config, const InstanceFacts& facts);

/// Returns the host's path of a directory in a container that is mounted there as a whole; nullopt
/// when it is not.
std::optional<std::filesystem::path> mounted_from(const containers::Inspected& container,
                                                  const std::filesystem::path& path);

/// Returns the name or address under which the host reaches a server that a container knows by a
/// name: the address of the project's container with that name. Other names are returned
/// unchanged.
std::string address_on_host(const std::string& name, const ComposeFacts& compose);

}  // namespace mastobak::backup
