// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "backup/instance_facts.hpp"
#include "config/config.hpp"
#include "daemon/setup/compose_project.hpp"
#include "postgres/settings.hpp"

namespace mastobak::daemon {

/// The part of a configuration that a project of Docker Compose needs, and what was found with it.
struct ComposeConfiguration {
    std::string text;             ///< the sections mastodon: and media:
    postgres::Settings database;  ///< Mastodon's own settings, as seen from this host
    std::string database_place;   ///< for messages: "'x' at 172.18.0.2:5432 (service 'db')"
    /// The role of the database's administrator; empty: the server is not one of the project.
    std::string superuser;
};

/// Looks at the containers of a project. Prints what it finds.
/// \param directory the project's directory, where its labels name one that is not on this host;
///                  empty: that of its labels
/// Throws Error{environment} when its files or its media are not on this host, and what
/// backup::find_instance() throws.
ComposeConfiguration compose_configuration(const EngineProject& chosen,
                                           const std::string& directory);

/// Returns Mastodon's own settings of the database, for a configuration that names a project, in
/// which its engine is asked directly.
/// \param superuser receives the role of the database's administrator, see ComposeConfiguration
postgres::Settings database_of_project(const config::Config& config, std::string& superuser);

/// Lets the socket of the helper listen, now and at each boot, and (for podman) that of the engine.
/// Prints what it has done.
/// Throws Error{environment} when a socket does not start.
void start_helper(const config::Config& config);

/// Checks that only root can write the configuration, and that the helper of the instance reads this
/// one.
/// \param file of the configuration, which need not exist
/// Throws Error{usage|config}.
void check_helper_may_read(const std::filesystem::path& file, const Instance& instance);

}  // namespace mastobak::daemon
