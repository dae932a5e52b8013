// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "containers/engine.hpp"

/// The container of a drill. The helper makes and removes it, not an engine.
namespace mastobak::containers {

/// The directories that a host shares with the container of a drill, where they have the same paths.
/// All their parents belong to root, so that no other user can lead the engine elsewhere.
struct DrillPlaces {
    std::filesystem::path data = "/var/lib/mastobak-drill";        ///< of the server's user
    std::filesystem::path sockets = "/run/mastobak-drill.image";   ///< of the server's user
    std::filesystem::path files = "/var/lib/mastobak-drill.dump";  ///< of the daemon; read-only

    /// The dump, and the list of its entries for pg_restore.
    std::filesystem::path dump() const { return files / "database.dump"; }
    std::filesystem::path list() const { return files / "list"; }
    /// The daemon holds a lock of this file (flock(2)) as long as the server is needed.
    std::filesystem::path alive() const { return files / "alive"; }
};

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
