// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include "media_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

TEST_CASE_METHOD(MediaFixture, "an unchanged tree is not read again, and does not get a pack") {
    add("a/b", "1");
    add("a/c", "2");
    fs::create_symlink("b", root / "a/link");
    fs::create_hard_link(root / "a/b", root / "a/hard");
    backup();
    const auto first = entries();
    const auto result = backup("20261123T030000Z");
    CHECK(result.new_packs.empty());
    CHECK(result.packed_files == 0);
    CHECK(result.unchanged_files == 2);
    CHECK(entries() == first);
}

TEST_CASE_METHOD(MediaFixture, "only what changed is packed on the second night") {
    for (int i = 0; i < 20; ++i) add("keep/" + std::to_string(i), "kept");
    add("grow", "1");
    add("remove", "1");
    add("same-size", "old");
    add("chmod", "1");
    backup();

    add("grow", "12");
    add("same-size", "new");
    add("added/below", "1");
    fs::remove(root / "remove");
    fs::permissions(root / "chmod", fs::perms(0600));
    const auto result = backup("20261123T030000Z");

    CHECK(result.packed_files == 4);
    CHECK(result.unchanged_files == 20);
    CHECK(entries_used(result.packs_used) ==
          std::map<std::string, std::uint64_t>{{"20261122T030000Z-0001.tar", 20},
                                               {"20261123T030000Z-0001.tar", 4}});
    CHECK_FALSE(entries().contains("remove"));
    CHECK(verify() == std::vector<std::string>{});
    CHECK(differences(restore()) == "");
}

TEST_CASE_METHOD(MediaFixture,
                 "a changed file behind two names is packed once, and both come back") {
    add("x/a", "old");
    fs::create_hard_link(root / "x/a", root / "x/b");
    add("other", "1");
    backup();
    write(root / "x/a", "new contents");
    const auto result = backup("20261123T030000Z");
    CHECK(result.packed_files == 1);
    CHECK(differences(restore()) == "");
    CHECK(verify() == std::vector<std::string>{});
}

TEST_CASE_METHOD(MediaFixture, "a name that came before the first of a hard link is told right") {
    add("b", "contents");
    add("other", "1");
    backup();
    fs::create_hard_link(root / "b", root / "a");
    backup("20261123T030000Z");
    CHECK(entries().at("b").type == media::EntryType::hardlink);
    CHECK(differences(restore()) == "");
    fs::remove(root / "a");
    backup("20261124T030000Z");
    CHECK(entries().at("b").type == media::EntryType::file);
    CHECK(differences(restore()) == "");
}

TEST_CASE_METHOD(MediaFixture, "excluded directories are counted, and are not in the index") {
    options.excluded = {"cache", "backups"};
    add("accounts/a", "1");
    add("cache/x/y", "123");
    add("cache/z", "4567");
    add("backups/dumps/d", "89");
    add("accounts/cache/kept", "only at the top");
    const auto result = backup();
    CHECK(result.excluded_files == 3);
    CHECK(result.excluded_bytes.count == 9);
    CHECK(result.index.files == 2);
    CHECK_FALSE(entries().contains("cache"));
    CHECK(entries().contains("accounts/cache/kept"));
}

TEST_CASE_METHOD(MediaFixture, "a tree that lost nearly everything is told") {
    for (int i = 0; i < 100; ++i) add("gone/" + std::to_string(i), "x");
    add("stays", "x");
    CHECK(backup().warnings.empty());
    fs::remove_all(root / "gone");
    const auto result = backup("20261123T030000Z");
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].find("101 files") != std::string::npos);
}
