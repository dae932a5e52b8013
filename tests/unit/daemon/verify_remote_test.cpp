// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <string>

#include "core/error.hpp"
#include "core/json.hpp"
#include "daemon/commands/sets/verify.hpp"
#include "support/catch.hpp"
#include "support/store_fixture.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
namespace fs = std::filesystem;

namespace {

struct RemoteFixture : test::StoreFixture {
    const std::string set = "20261121T030000Z";
    const fs::path disk = directory / "disk";
    Options options;

    RemoteFixture() {
        publish(set);
        fs::create_directory(disk);
        fs::copy(staging.sets(), disk / "sets", fs::copy_options::recursive);
        fs::copy(staging.media(), disk / "media", fs::copy_options::recursive);
        fs::create_directory(directory / "state");
        options.config = directory / "mastobak.yaml";
        test::write(options.config, "state_directory: " + (directory / "state").native() +
                                        "\nstaging:\n  path: " + staging.root().native() +
                                        "\noffsite:\n  - name: disk\n    type: directory\n"
                                        "    target: " +
                                        disk.native() + "\n");
    }
    int verify(VerifyRequest request) {
        request.from = "disk";
        return command_verify(options, request);
    }
};

}  // namespace

TEST_CASE_METHOD(RemoteFixture, "verify reads what is at a remote, and its exit status tells") {
    options.json = GENERATE(false, true);
    CHECK(verify({}) == 0);
    CHECK(verify({.sets = {set, "latest"}, .whole = true}) == 0);
    CHECK(verify({.all = true}) == 0);
    test::write(disk / "sets" / set / "database.dump.zst", "DUMP of 20261121T030000Z");
    CHECK(verify({}) == exit_status(Errc::corrupt));
    CHECK(command_verify(options, {}) == exit_status(Errc::corrupt));  // its index is not real
}

TEST_CASE_METHOD(RemoteFixture, "what verify cannot read at a remote, it refuses with a reason") {
    CHECK_THROWS_AS(verify({.sets = {"20260101T000000Z"}}), Error);
    CHECK_THROWS_AS(command_verify(options, {.from = "other"}), Error);
    CHECK_THROWS_AS(command_verify(options, {.whole = true}), Error);
    fs::remove_all(disk / "sets");
    CHECK_THROWS_AS(verify({}), Error);
}
