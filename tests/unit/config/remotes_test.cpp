// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "config/load.hpp"
#include "problems.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

/// Returns the problems of one entry, which is written as a flow mapping.
std::string problems_of_remote(const std::string& entry) {
    return problems("offsite:\n  - {" + entry + "}\n");
}

}  // namespace

TEST_CASE("remotes are read with the keys of their type") {
    const auto loaded = config::load_text(R"(
offsite:
  - { name: b2, type: rclone, target: "b2:bucket/x", rclone_config: /r.conf, bandwidth: 5 MiB }
  - { name: box, type: rsync, target: "u@host:/x", port: 23, identity_file: /k, known_hosts: /h }
  - { name: disk, type: directory, target: /mnt/disk, mounted: true, retention: { daily: 90 } }
)",
                                          "m.yaml");
    CHECK(loaded.problems.empty());
    REQUIRE(loaded.config.offsite.size() == 3);
    CHECK(loaded.config.offsite[0].rclone_config == "/r.conf");
    CHECK(loaded.config.offsite[0].bandwidth == Bytes{std::uint64_t{5} << 20});
    CHECK(loaded.config.offsite[1].port == 23);
    CHECK(loaded.config.offsite[2].mounted);
    CHECK_FALSE(loaded.config.offsite[0].retention);
    REQUIRE(loaded.config.offsite[2].retention);
    CHECK(loaded.config.offsite[2].retention->daily == 90);
}

TEST_CASE("a remote without name, type or target is refused") {
    CHECK(has(problems_of_remote("name: x, type: rclone"), "'offsite[0].target' is missing"));
    CHECK(has(problems_of_remote("name: x, target: 'a:b'"), "'offsite[0].type' is missing"));
    CHECK(has(problems_of_remote("type: rclone, target: 'a:b'"), "'offsite[0].name' is missing"));
    CHECK(has(problems("offsite: {name: x}"), "has to be a list"));
    CHECK(has(problems("offsite: [b2]"), "has to be a mapping"));
}

TEST_CASE("keys of another type are refused and say whose they are") {
    CHECK(has(problems_of_remote("name: x, type: directory, target: /x, known_hosts: /h"),
              "'offsite[0].known_hosts' does not belong to an entry of this type; hint: it is for "
              "type rsync only"));
    CHECK(has(problems_of_remote("name: x, type: directory, target: /x, bandwidth: 1 MiB"),
              "type rclone and rsync only"));
    CHECK(has(problems_of_remote("name: x, type: rclone, target: 'a:b', knownhosts: /h"),
              "did you mean 'known_hosts'?"));
}

TEST_CASE("targets look like those of their type") {
    CHECK(has(problems_of_remote("name: x, type: rclone, target: bucket"), "remote:path"));
    CHECK(has(problems_of_remote("name: x, type: rsync, target: /mnt/x"), "type: directory"));
    CHECK(has(problems_of_remote("name: x, type: rsync, target: 'h::module'"), "over ssh"));
    CHECK(has(problems_of_remote("name: x, type: rsync, target: 'rsync://h/m'"), "over ssh"));
    CHECK(has(problems_of_remote("name: x, type: directory, target: mnt"), "begin with '/'"));
    CHECK(has(problems_of_remote("name: x, type: rclone, target: '--config=x:'"), "'-'"));
    CHECK(has(problems_of_remote("name: x, type: scp, target: 'a:b'"), "one of rclone, rsync"));
    CHECK(problems_of_remote("name: x, type: rsync, target: 'u@[::1]:/x'").empty());
}

TEST_CASE("names of remotes are unique and fit for files") {
    const std::string one = "  - {name: x, type: rclone, target: 'a:b'}\n";
    const std::string two = "  - {name: x, type: rclone, target: 'a:c'}\n";
    CHECK(has(problems("offsite:\n" + one + two), "m.yaml:3: two entries of 'offsite' are called"));
    CHECK(has(problems_of_remote("name: ../x, type: rclone, target: 'a:b'"), "is not a name"));
    CHECK(has(problems_of_remote("name: 'a b', type: rclone, target: 'a:b'"), "is not a name"));
}

TEST_CASE("a copy is not made where it comes from, nor twice to one place") {
    CHECK(has(problems_of_remote("name: x, type: directory, target: /var/lib/mastobak/staging"),
              "overlaps the staging directory"));
    CHECK(has(problems("media: {path: /m}\noffsite:\n- {name: x, type: directory, target: /m/x}"),
              "overlaps the media directory"));
    const std::string one = "  - {name: x, type: rclone, target: 'a:b'}\n";
    const std::string two = "  - {name: y, type: rclone, target: 'a:b'}\n";
    CHECK(has(problems("offsite:\n" + one + two), "is the target of 'x' already"));
}
