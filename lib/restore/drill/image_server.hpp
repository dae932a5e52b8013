// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "containers/drill_container.hpp"
#include "core/files/unique_fd.hpp"
#include "postgres/scratch/scratch_cluster.hpp"
#include "postgres/tools.hpp"

namespace mastobak::restore {

/// The containers of this host, where a drill finds a PostgreSQL when the host has none.
struct DrillContainers {
    std::filesystem::path
        socket{};           ///< of the helper for containers; empty: Mastodon is not in any
    std::string project{};  ///< of Docker Compose
    std::string service{};  ///< the service of the database
    containers::DrillPlaces places{};
};

/// Returns the image in which a set's database can be restored without a pull: the one that its
/// server came from, or else the one of the project's database as it is now. nullopt: the engine
/// has none, or does not run drills.
/// \param recorded from the manifest; may be empty
/// Throws Error{units} when the helper or the engine does not answer; Error{cancelled}.
std::optional<std::string> image_for_drill(const DrillContainers& containers,
                                           const std::string& recorded,
                                           const std::stop_token& stop);

/// Returns the name of an image in messages: "image 0123456789ab".
std::string image_in_words(const std::string& image);

/// The PostgreSQL of a drill in a container without network, which mastobak's helper makes of an
/// image of this host. The destructor ends and removes it. When this process is killed, the server
/// ends and its data are removed, and the container with them.
class ImageServer : public postgres::ScratchElsewhere {
 public:
    /// Starts the container. The server is ready some seconds later.
    /// \param image   ID of an image that the engine has
    /// \param instead what to do when no server can run in it: the hint of an error
    /// Throws Error{environment} when the container cannot be started, or another drill uses its
    /// directories; Error{cancelled}.
    ImageServer(const DrillContainers& containers, const std::string& image, std::string instead,
                std::stop_token stop);
    ~ImageServer() override;

    std::filesystem::path socket_directory() const override { return containers_.places.sockets; }
    void require_running() const override;

    /// Returns where the dump has to be, so that the tools can read it.
    std::filesystem::path dump() const { return containers_.places.dump(); }
    /// Returns the programs of the container, whose server has to be ready.
    /// Throws Error{environment}, Error{cancelled}.
    postgres::Tools tools(int server_major, const std::stop_token& stop) const;
    const std::string& image() const { return image_; }

 private:
    void take_directory();
    void empty_directory() const;
    void end() noexcept;
    bool ends_in_time() const;

    const DrillContainers containers_;
    const std::string image_;
    const std::string instead_;
    std::string id_{};  ///< of the container; empty: it was not started
    UniqueFd turn_{};   ///< its lock excludes other drills
    UniqueFd alive_{};  ///< the server lives as long as its lock is held
};

}  // namespace mastobak::restore
