// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "containers/drill_container.hpp"
#include "containers/engine.hpp"

namespace mastobak::containers {

/// The PostgreSQL of a drill in a container: what runs there, and as which users of the host.
struct DrillServer {
    std::vector<std::string> command{};  ///< empty: there are no drills in containers
    std::string user{};                  ///< "996:994": of the server
    std::string reader{};                ///< "997:995": of pg_restore, which reads the dump
    DrillPlaces places{};
};

/// Returns the body of a request that makes the container of a drill.
/// \param image ID of its image
std::string drill_body(const std::string& image, const DrillServer& server);

/// Removes the container that an earlier drill has left, and makes and starts one.
/// \return its ID
/// Throws Error{units} when the engine cannot do it; Error{cancelled}.
std::string start_drill_container(const Connection& to, const std::string& image,
                                  const DrillServer& server);

}  // namespace mastobak::containers
