// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/process/process.hpp"
#include "restore_fixture.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

/// Runs the installed program with its own set.
struct CommandFixture : RestoreFixture {
    CommandFixture() {
        write(directory / "mastobak.yaml",
              fmt::format("staging: {{path: {}}}\nmastodon: {{directory: {}}}\n",
                          staging.root().native(), (directory / "live").native()));
    }

    Finished mastobak(std::vector<std::string> arguments) const {
        std::vector<std::string> argv{MASTOBAK, "--config", (directory / "mastobak.yaml").native()};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        auto finished = run({.argv = argv, .environment = {{"TMPDIR", directory.path()}}});
        for (const auto& entry : fs::directory_iterator(directory.path()))
            CHECK_FALSE(entry.path().filename().native().starts_with("mastobak-"));
        return finished;
    }
};

}  // namespace

TEST_CASE_METHOD(CommandFixture, "browse lists the media in a set") {
    const auto all = mastobak({"browse"});
    REQUIRE(all.ok());
    CHECK(has(all.output, "- 0644            6 2001-09-0"));  // in the time zone of this machine
    CHECK(has(all.output, "00 first/file\n"));
    CHECK(has(all.output, " first/symlink -> ../outside\\x0a"));
    CHECK(has(all.output, "d 02750") == false);
    CHECK(has(all.output, "d 1750"));

    const auto some = mastobak({"browse", "latest", "first/file", "--json"});
    REQUIRE(some.ok());
    CHECK(has(some.output, R"("path":"first/file")"));
    CHECK(std::count(some.output.begin(), some.output.end(), '\n') == 1);

    const auto none = mastobak({"browse", "latest", "nothing"});
    CHECK(none.exit_status == 2);
    CHECK(has(none.error_tail, "has no such media"));
}

TEST_CASE_METHOD(CommandFixture, "extract fetches media into a directory") {
    const auto some = mastobak({"extract", set, "first", "/system/~", "--to", target});
    INFO(some.error_tail);
    REQUIRE(some.ok());
    CHECK(has(some.output, "3 files, 1.0 MiB, in '"));
    CHECK(read(target / "first/file") == "linked");
    CHECK(read(target / "~") == "at the top: ~");

    const auto again = mastobak({"extract", set, "first", "--to", target, "--json"});
    CHECK(has(again.output, R"("identical": 2)"));
}

TEST_CASE_METHOD(CommandFixture, "a machine without a configuration extracts from a copy") {
    fs::remove(directory / "mastobak.yaml");
    const auto copy = copied_set(set).parent_path().parent_path();
    const auto some = mastobak({"extract", "latest", "first", "--from", copy, "--to", target});
    INFO(some.error_tail);
    CHECK(some.ok());
    CHECK(mastobak({"extract", "latest", "first", "--to", target}).exit_status == 10);
}

TEST_CASE_METHOD(CommandFixture, "extract ends with the status of a damaged set") {
    fs::remove(staging.media() / entry("first/file").pack);
    const auto some = mastobak({"extract", set, "first/file", "--to", target});
    CHECK(some.exit_status == 18);
    CHECK(has(some.output, "PROBLEM: cannot open pack '"));
}
