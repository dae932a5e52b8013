// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/digest_cache.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <optional>

#include "core/process/process.hpp"
#include "later_sets.hpp"
#include "media/backup_tree.hpp"
#include "media/tree_options.hpp"
#include "media_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

struct KnownFixture : MediaFixture {
    /// Makes a backup that knows the contents of the last one.
    media::TreeResult night(const std::string& set) {
        remember();
        options.known_contents = &*contents;
        return backup(set);
    }

    void remember() {
        const auto digest = sha256_of_file(index);
        media::write_known_contents(index, digest, directory / "contents", {});
        contents = media::DigestCache::open(directory / "contents", digest);
        REQUIRE(contents);
    }

    std::optional<media::DigestCache> contents;
};

}  // namespace

TEST_CASE_METHOD(KnownFixture, "a file that is renamed is not stored twice") {
    add("a/old", std::string(100'000, 'x'));
    backup();
    const auto old = entries().at("a/old");
    fs::create_directory(root / "b");
    fs::rename(root / "a/old", root / "b/new");
    const auto result = night(second);
    CHECK(result.packed_files == 0);
    CHECK(result.known_files == 1);
    CHECK(result.known_bytes == Bytes{100'000});
    const auto entry = entries().at("b/new");
    CHECK(entry.copy);
    CHECK(entry.pack == old.pack);
    CHECK(entry.offset == old.offset);
    CHECK(verify() == std::vector<std::string>{});
    CHECK(differences(restore()) == "");
}

TEST_CASE_METHOD(KnownFixture, "a copy stays one on the nights after, and a copy of it is one") {
    add("a", "meme");
    backup();
    add("b", "meme");
    night(second);
    fs::remove(root / "a");
    add("c", "meme");
    const auto result = night(third);
    CHECK(result.packed_files == 0);
    CHECK(result.unchanged_files == 1);
    CHECK(entries().at("b").copy);
    CHECK(entries().at("c").offset == entries().at("b").offset);
    CHECK(verify() == std::vector<std::string>{});
    CHECK(differences(restore()) == "");
}

TEST_CASE_METHOD(KnownFixture, "a file whose owner and mode alone changed is not stored twice") {
    add("a", "1");
    add("b", "22");
    backup();
    REQUIRE(::chown((root / "a").c_str(), 1234, 5678) == 0);
    fs::permissions(root / "a", fs::perms(0600));
    const auto result = night(second);
    CHECK(result.packed_files == 0);
    CHECK(result.known_files == 1);
    CHECK(differences(restore()) == "");
}

TEST_CASE_METHOD(KnownFixture, "what a header alone can say is packed again") {
    add("plain", "1");
    add("other", "22");
    backup();
    add("attributed", "1");
    REQUIRE(::setxattr((root / "attributed").c_str(), "user.note", "x", 1, 0) == 0);
    add("linked", "22");
    fs::create_hard_link(root / "linked", root / "linked too");
    const auto result = night(second);
    CHECK(result.packed_files == 2);
    CHECK(result.known_files == 0);
    CHECK(differences(restore()) == "");
}

TEST_CASE_METHOD(KnownFixture, "a member with holes serves no other file") {
    add("a", "");
    fs::resize_file(root / "a", 1 << 20);
    backup();
    CHECK(entries().at("a").stored < 10'000);
    fs::copy_file(root / "a", root / "b");
    const auto result = night(second);
    CHECK(result.packed_files == 1);
    CHECK(differences(restore()) == "");
}

TEST_CASE_METHOD(KnownFixture, "large and small files that are taken back leave a pack as it was") {
    for (int i = 0; i < 40; ++i) {
        add("old/" + std::to_string(i), std::string(static_cast<std::size_t>(i) * 77'777, 'o'));
        add("old/short " + std::to_string(i), std::to_string(i));
    }
    backup();
    for (int i = 0; i < 40; ++i) {
        fs::copy_file(root / "old" / std::to_string(i), root / ("copy " + std::to_string(i)));
        add("copy " + std::to_string(i) + " new", std::string(static_cast<std::size_t>(i), 'n'));
    }
    const auto result = night(second);
    CHECK(result.packed_files == 39);  // the contents of 0 bytes were known, too
    CHECK(result.known_files == 41);
    for (const auto& pack : result.new_packs) {
        CHECK(pack.sha256 == sha256_of_file(packs / pack.name));
        CHECK(pack.size.count == fs::file_size(packs / pack.name));
    }
    CHECK(verify() == std::vector<std::string>{});
    CHECK(differences(restore()) == "");
}

TEST_CASE_METHOD(KnownFixture, "the changed paths alone are compared with what is known, too") {
    add("a", "1");
    backup();
    add("b", "1");
    remember();
    options.known_contents = &*contents;
    options.pack_prefix = second;
    options.index = directory / "delta.zst";
    const auto delta = media::backup_changes(options, {"b"}, {}, {});
    CHECK(delta.result.new_packs.empty());
    CHECK(delta.result.known_files == 1);
}
