// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "containers/engine.hpp"

namespace mastobak::containers {

/// Asks the pg_dump of a container for its version, as on the host: "17.2 (Debian …)".
/// \param name of the container, for messages
/// Throws Error{environment} when the container has no pg_dump that runs; Error{units},
/// Error{cancelled}.
std::string pg_dump_version(const Connection& to, const std::string& id, const std::string& name);

}  // namespace mastobak::containers
