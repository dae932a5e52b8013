// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

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

}  // namespace mastobak::containers
