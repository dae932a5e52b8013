// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/restore_instructions.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "core/process/process.hpp"
#include "core/text.hpp"
#include "store/staging.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using mastobak::test::write;

namespace {

const std::vector<std::string> fragments{"\n",
                                         "\r",
                                         "```",
                                         "~~~",
                                         "```sh variables\n",
                                         "\n```\n",
                                         "'",
                                         "\"",
                                         "\\",
                                         "$(pwned)",
                                         "`pwned`",
                                         "; pwned;",
                                         "\npwned\n",
                                         "}",
                                         "${",
                                         "#",
                                         "\x1b[2J",
                                         "\xff",
                                         "\u202e",
                                         "\u2028",
                                         "$'",
                                         "@DATABASE_SH@",
                                         "EOF",
                                         "SQL\n",
                                         "PERL\n",
                                         " ",
                                         "/",
                                         "a",
                                         "-",
                                         "=",
                                         "<!--",
                                         "\t"};

std::string hostile_name(std::mt19937& random) {
    std::string name;
    for (auto parts = random() % 8 + 1; parts > 0; --parts)
        name += fragments[random() % fragments.size()];
    return name;
}

store::Manifest hostile_manifest(std::mt19937& random) {
    store::Manifest manifest;
    manifest.set = "20261122T030000Z";
    manifest.host = hostile_name(random);
    manifest.mode = hostile_name(random);
    manifest.database.name = hostile_name(random);
    manifest.database.owner = hostile_name(random);
    manifest.database.server_version = hostile_name(random);
    manifest.database.schema_version = hostile_name(random);
    manifest.database.encoding = hostile_name(random);
    manifest.database.collation = hostile_name(random);
    manifest.database.ctype = hostile_name(random);
    manifest.database.locale = hostile_name(random);
    manifest.database.locale_provider = random() % 2 == 0 ? "icu" : hostile_name(random);
    manifest.media.root = "/" + hostile_name(random);
    manifest.config_files = {hostile_name(random), "etc/" + hostile_name(random)};
    manifest.warnings = {hostile_name(random), hostile_name(random)};
    return manifest;
}

struct Shape {
    std::vector<std::string> fences;  ///< the lines that begin or end a block
    std::string commands;             ///< of all blocks
    std::string variables;            ///< of the block 'variables'
};

Shape shape_of(const std::string& guide) {
    Shape shape;
    std::string open;
    for (std::size_t begin = 0; begin < guide.size();) {
        const auto end = std::min(guide.find('\n', begin), guide.size());
        const auto line = guide.substr(begin, end - begin);
        const auto text = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
        if (text.starts_with("```") || text.starts_with("~~~")) {
            shape.fences.push_back(line);
            open = open.empty() ? line : "";
        } else if (!open.empty()) {
            shape.commands += line + '\n';
            if (open == "```sh variables") shape.variables += line + '\n';
        }
        begin = end + 1;
    }
    return shape;
}

}  // namespace

TEST_CASE("a stranger's names add no block and no command to the instructions") {
    const auto in_containers = GENERATE(false, true);
    const auto expected = [&] {
        store::Manifest manifest;
        manifest.set = "20261122T030000Z";
        manifest.mode = "live";
        if (in_containers) manifest.units = {{"mastodon/web/1.container"}};
        return shape_of(store::restore_instructions(manifest));
    }();
    std::mt19937 random(20261122);
    const test::TemporaryDirectory directory;
    const auto script = directory.path() / "script";
    for (int round = 0; round < 60; ++round) {
        auto manifest = hostile_manifest(random);
        if (in_containers) manifest.units = {{"m" + hostile_name(random) + "/web/1.container"}};
        const auto guide = store::restore_instructions(manifest);
        CAPTURE(round, readable(guide));
        const auto shape = shape_of(guide);
        REQUIRE(shape.fences == expected.fences);
        REQUIRE(std::count(shape.commands.begin(), shape.commands.end(), '\n') ==
                std::count(expected.commands.begin(), expected.commands.end(), '\n'));
        write(script, shape.commands);
        REQUIRE(run({.argv = {"bash", "-n", script}}).ok());
        // The assignments need only mktemp. The options for createdb are words.
        write(script, "mktemp() { :; }; command_not_found_handle() { echo \"ran: $*\"; }\n" +
                          shape.variables + "printf '%s' \"$MEDIA\"\n");
        const auto ran =
            run({.argv = {"/bin/bash", script}, .environment = {{"PATH", "/nowhere"}}});
        REQUIRE(ran.ok());
        auto root = manifest.media.root;
        REQUIRE(ran.output == root);
    }
}

TEST_CASE("the instructions for an instance in containers use its tools") {
    store::Manifest manifest;
    manifest.set = "20261122T030000Z";
    manifest.units = {{"mastodon-web.service"}};
    const std::string command = "docker compose run --rm web bin/tootctl feeds build";
    const auto host = store::restore_instructions(manifest);
    CHECK(host.find("    RAILS_ENV=production bin/tootctl feeds build\n") != host.npos);
    CHECK(host.find("docker") == host.npos);
    manifest.units = {{"social/web/1.container"}};
    const auto containers = store::restore_instructions(manifest);
    CHECK(containers.find("    " + command + "\n") != containers.npos);
    CHECK(containers.find("RAILS_ENV") == containers.npos);
    CHECK(containers.find("DB=${DB-social-db-1}") != containers.npos);
    CHECK(containers.find("systemctl start") == containers.npos);
}
