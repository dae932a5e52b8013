// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/process/process.hpp"
#include "support/catch.hpp"
#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// Returns the directory of PostgreSQL's programs in the image: those of the newest version here.
inline std::string postgres_bin() {
    return "/usr/lib/postgresql/" + std::to_string(PostgresServer::installed().back()) + "/bin";
}

/// Returns the tar of an image with PostgreSQL, which is made once in a process.
inline std::filesystem::path postgres_image() {
    static const TemporaryDirectory directory;
    static const auto file = [] {
        const auto made = directory / "image.tar";
        REQUIRE(run({.argv = {"sh", "-c", "\"$0\" >\"$1\"",
                              SOURCE_DIR "/tests/support/make-postgres-image", made}})
                    .ok());
        return made;
    }();
    return file;
}

}  // namespace mastobak::test
