// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "containers/engine.hpp"

/// Calls that the helper itself does, and no engine: the container of a drill.
namespace mastobak::containers {

/// Returns whether a drill can run in a container of an image: the engine has it, and the helper
/// makes such containers.
/// \param image its ID, see is_id()
/// Throws Error{units}, Error{cancelled}.
bool can_drill_in(const Connection& to, const std::string& image);

/// Returns what makes the image of a database available to drills, as the end of a hint.
/// \param service of the database
std::string hint_of_image(const std::string& service);

/// Removes the container that an earlier drill has left, and starts one.
/// \return its ID, in which containers::run_in_container() can run pg_dump and pg_restore
/// Throws as can_drill_in() does, also when the engine does not have the image.
std::string start_drill(const Connection& to, const std::string& image);

/// Returns whether the container of a drill runs.
bool drill_runs(const Connection& to, const std::string& id);

/// Returns whether the container of a drill exists. The engine removes it when it has ended.
bool drill_exists(const Connection& to, const std::string& id);

/// Removes the container of a drill, if it is still there.
void remove_drill(const Connection& to, const std::string& id);

}  // namespace mastobak::containers
