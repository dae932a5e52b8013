// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/commands/sets/verify.hpp"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "store/new_set.hpp"
#include "support/catch.hpp"
#include "support/store_fixture.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace mastobak::test;

namespace {

struct VerifyFixture : StoreFixture {
    Options options;

    VerifyFixture() {
        options.config = directory / "mastobak.yaml";
        write(options.config, fmt::format("staging:\n  path: {}\nstate_directory: {}\n",
                                          staging.root().native(), directory.path().native()));
    }

    /// Publishes a set of an instance whose media are in an object store.
    /// \param uncompressed size of the dump in the manifest; nullopt: that of the dump
    void make_set(const std::string& name, std::optional<Bytes> uncompressed = {}) {
        store::NewSet set(staging, name);
        const auto dump = "dump of " + name;
        archive::Block compressed;
        archive::FrameCompressor(1).compress(std::as_bytes(std::span(dump)), {}, compressed);
        add_artifact(set, "database.dump.zst",
                     {reinterpret_cast<const char*>(compressed.data()), compressed.size()});
        auto described = manifest(name);
        described.database.dump_uncompressed = uncompressed.value_or(Bytes{dump.size()});
        described.media.elsewhere = true;
        set.publish(std::move(described), {});
    }
};

}  // namespace

TEST_CASE_METHOD(VerifyFixture,
                 "a damaged set is told by the exit status, and which one it is by name") {
    make_set("20261121T030000Z");
    make_set("20261122T030000Z");
    options.json = GENERATE(false, true);
    CHECK(command_verify(options, {}) == 0);
    CHECK(command_verify(options, {.all = true}) == 0);
    write(staging.set("20261121T030000Z") / "database.dump.zst", "DUMP");
    CHECK(command_verify(options, {}) == 0);
    CHECK(command_verify(options, {.sets = {"20261121T030000Z"}}) == 18);
    CHECK(command_verify(options, {.all = true}) == 18);
}

TEST_CASE_METHOD(VerifyFixture,
                 "a set whose files are good, but not the dump that it describes, is damaged") {
    make_set("20261121T030000Z");
    make_set("20261122T030000Z", Bytes{GENERATE(1u, 1000u)});
    CHECK(command_verify(options, {.sets = {"20261121T030000Z"}}) == 0);
    CHECK(command_verify(options, {}) == 18);
}

TEST_CASE_METHOD(VerifyFixture, "nothing to verify is a failure, not a success") {
    const bool all = GENERATE(false, true);
    try {
        command_verify(options, {.all = all});
        FAIL("it succeeded");
    } catch (const Error& error) {
        CHECK(exit_status(error.code()) == 2);
        CHECK(error.text().find("there is no backup set") != std::string::npos);
    }
}
