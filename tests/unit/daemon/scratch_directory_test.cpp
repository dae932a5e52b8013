// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/scratch_directory.hpp"

#include <filesystem>
#include <optional>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using mastobak::Errc;
using mastobak::daemon::ScratchDirectory;
namespace fs = std::filesystem;

TEST_CASE("what a killed process left is removed by the next, and nothing else") {
    const mastobak::test::TemporaryDirectory parent;
    fs::create_directories(parent / "mastobak-abcdef/restore");
    mastobak::test::write(parent / "mastobak-abcdef/restore/database.dump", "large");
    fs::create_directories(parent / "elsewhere");
    fs::create_directories(parent / "mastobak-by-hand");
    fs::create_directory_symlink(parent / "elsewhere", parent / "mastobak-ghijkl");
    std::optional<ScratchDirectory> one(parent.path()), another(parent.path());
    CHECK_FALSE(fs::exists(parent / "mastobak-abcdef"));
    CHECK(fs::exists(one->path()));
    CHECK(fs::exists(parent / "elsewhere"));
    CHECK(fs::exists(parent / "mastobak-by-hand"));
    CHECK(fs::is_symlink(parent / "mastobak-ghijkl"));
    const auto path = one->path();
    one.reset();
    CHECK_FALSE(fs::exists(path));
    CHECK(fs::exists(another->path()));
}

TEST_CASE("a place that is not there is told, with what names another") {
    try {
        const ScratchDirectory none("/nonexistent");
        FAIL("made in a directory that is not there");
    } catch (const mastobak::Error& error) {
        CHECK(error.code() == Errc::environment);
        CHECK(error.hint().find("TMPDIR") != std::string::npos);
    }
}
