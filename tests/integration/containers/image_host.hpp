// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "core/process/process.hpp"
#include "helped_engine.hpp"
#include "postgres/scratch/scratch_cluster.hpp"
#include "postgres/scratch/scratch_settings.hpp"
#include "postgres_image.hpp"
#include "restore/drill/image_server.hpp"
#include "support/eventually.hpp"

namespace mastobak::test {

/// A real engine behind the helper, and the directories that an installed host has for drills in
/// containers. The user 'nobody' is that of the server, and root that of the daemon.
class ImageHost {
 public:
    explicit ImageHost(ContainerEngine::Kind kind = ContainerEngine::Kind::docker)
        : host({0}, kind) {
        namespace fs = std::filesystem;
        fs::permissions(directory_.path(), fs::perms(0711));
        auto& places = where.places;
        places = {.data = directory_ / "data",
                  .sockets = directory_ / places.sockets.filename().native(),
                  .files = directory_ / "files"};
        for (const auto& [path, mode] :
             {std::pair{places.data, 0700}, {places.sockets, 0755}, {places.files, 0711}}) {
            fs::create_directory(path);
            fs::permissions(path, fs::perms(mode));
            if (path != places.files) REQUIRE(::chown(path.c_str(), nobody, nobody) == 0);
        }
        where.socket = host.socket();
        where.project = "mastodon";
        where.service = "db";
        host.set_drill({.command = postgres::scratch_command({.data = places.data,
                                                              .sockets = places.sockets,
                                                              .alive = places.alive(),
                                                              .trusted = {"root"},
                                                              .user = "nobody"}),
                        .user = "65534:65534",
                        .reader = "0:0",
                        .places = places});
    }

    /// Makes an image with PostgreSQL, whose own entry point and volume a drill does not use.
    /// \param path directories of its programs
    /// \return its ID
    std::string make_image(const std::string& path) const {
        const auto printed = host.engine.docker(
            {"import", "--change", "ENV PATH=" + path, "--change", "ENTRYPOINT [\"/bin/false\"]",
             "--change", "VOLUME /var/lib/postgresql/data", postgres_image()});
        return printed.substr(printed.rfind("sha256:") + 7);
    }
    /// Makes the usual one.
    std::string make_image() const { return make_image(postgres_bin() + ":/usr/bin:/bin"); }

    postgres::ScratchOptions options(std::shared_ptr<const restore::ImageServer> server) const {
        return {.user = "nobody", .elsewhere = std::move(server)};
    }
    /// Returns whether nothing of a drill is left, on the host and in the engine, which removes a
    /// container's volumes a moment after it.
    bool is_clean() const {
        namespace fs = std::filesystem;
        const auto& places = where.places;
        const auto files = [](const fs::path& path) {
            return std::distance(fs::directory_iterator(path), fs::directory_iterator());
        };
        return eventually([&] {
            return host.engine.docker({"ps", "-aq", "--filter", "name=mastobak-drill"}).empty() &&
                   host.engine.docker({"volume", "ls", "-q"}).empty() && files(places.data) == 0 &&
                   files(places.files) <= 1;
        });
    }

    HelpedEngine host;
    restore::DrillContainers where;

 private:
    static constexpr uid_t nobody = 65534;
    TemporaryDirectory directory_;
};

}  // namespace mastobak::test
