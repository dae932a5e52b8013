// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backup/instance_facts.hpp"
#include "config/config.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/tools.hpp"

namespace mastobak::backup {

/// Chooses the pg_dump of a night: the host's, or, if that is older than the server or missing, the
/// one in the container of the database (`database.dump_in`).
/// \param settings   of the database, as the host reaches it
/// \param connection made with these settings
/// \param socket     of the helper
/// Throws Error{environment} when there is none that is as new as the server, Error{units},
/// Error{database}, Error{cancelled}.
postgres::Tools dump_tools(const config::Config& config, const std::optional<ComposeFacts>& compose,
                           const postgres::Settings& settings, postgres::Connection& connection,
                           const std::stop_token& stop, const std::filesystem::path& socket);

/// Has pg_dump read all definitions of the database, which shows what makes it fail. One in a
/// container has to read the server that the settings name, and not another one.
/// Throws Error{database}, Error{cancelled}.
void try_tools(const postgres::Settings& settings, const postgres::Tools& tools,
               const postgres::DumpOptions& options, const std::stop_token& stop);

/// Returns what this host lacks to restore a dump, and to drill its set, with what to install. A
/// drill can also run in the image of the server's container.
/// \param socket of the helper
/// Throws Error{cancelled}.
std::vector<std::string> restore_obstacles(const config::Config& config,
                                           const postgres::Tools& tools,
                                           const std::filesystem::path& socket,
                                           const std::stop_token& stop);

}  // namespace mastobak::backup
