// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <list>
#include <map>
#include <vector>

#include "linked_tree.hpp"
#include "media/tree/followed_links.hpp"
#include "media/tree/media_root.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::string_literals;
using media::EntryType;
namespace fs = std::filesystem;

namespace {

/// The expected files of the set: the text at each path.
using Places = std::map<std::string, std::string>;

/// A tree that contains some directories several times, each with its own files.
struct RepeatedTree : LinkedTree {
    fs::path second = directory / "second disk";
    std::list<Mount> mounts;
    std::uint64_t walks = 0;

    RepeatedTree() {
        write(disk / "files/2/c", "deeper than that");
        write(second / "deep/d", "on a second disk");
        give(disk, mastodon);
        give(second, mastodon);
    }
    void mount(const fs::path& from, const fs::path& at) {
        fs::create_directories(at);
        give(root, mastodon);
        give(disk, mastodon);
        mounts.emplace_back(from, at);
    }
    /// Makes a backup like a run: walks until all symlinks are known. The next backup knows them.
    media::TreeResult night(const std::string& day) {
        walks = 0;
        media::TreeResult result;
        std::uint64_t packed = 0;
        do {
            options.may_defer = walks < 3;
            result = backup(fmt::format("202611{}T03000{}Z", day, walks++));
            packed += result.packed_files;
            options.known_links = result.followed;
            options.known_links.insert(options.known_links.end(), result.repeated.begin(),
                                       result.repeated.end());
        } while (!result.repeated.empty());
        result.packed_files = packed;
        return result;
    }
    /// Returns how often a text occurs in all packs together.
    std::size_t copies(const std::string& text) const {
        std::size_t count = 0;
        for (const auto& pack : fs::directory_iterator(packs)) {
            const auto all = read(pack.path());
            for (auto at = all.find(text); at != all.npos; at = all.find(text, at + 1)) ++count;
        }
        return count;
    }
    void check(const Places& places) {
        const auto result = night("22");
        CHECK(result.warnings == std::vector<std::string>{});
        const auto all = entries();
        const auto restored = restore();
        for (const auto& [path, text] : places) {
            CAPTURE(path);
            REQUIRE(all.contains(path));
            CHECK(
                (all.at(path).type == EntryType::file || all.at(path).type == EntryType::hardlink));
            CHECK(read(restored / path) == text);
            CHECK(copies(text) == 1);
        }
        CHECK(verify() == std::vector<std::string>{});
        // Also compares the targets of symlinks.
        script(R"(diff <(cd "$1" && find -L . -type f -exec sha256sum {} + | sort) \
                       <(cd "$2" && find -L . -type f -exec sha256sum {} + | sort))",
               {root, restored});
        // The next backup has nothing to pack.
        CHECK(night("23").packed_files == 0);
        CHECK(entries().size() == all.size());
    }
};

const std::string b = "on another disk", c = "deeper than that", d = "on a second disk";

}  // namespace

TEST_CASE_METHOD(RepeatedTree,
                 "a directory behind a symlink that is mounted further on is packed once") {
    link(disk, "a");
    mount(disk, root / "z");
    check({{"a/files/2/c", c}, {"z/files/2/c", c}});
    CHECK(entries().at("z/files/2/c").target == "a/files/2/c");
}

TEST_CASE_METHOD(RepeatedTree, "a mounted directory that a later symlink leads to is packed once") {
    mount(disk, root / "a");
    link(disk, "z");
    check({{"a/files/2/c", c}, {"z/files/2/c", c}});
    CHECK(entries().at("z/files/2/c").target == "a/files/2/c");
}

TEST_CASE_METHOD(RepeatedTree,
                 "symlinks into a mounted directory give the parts of it, packed once") {
    mount(disk, root / "m");
    link(disk / "files", "a");
    link(disk / "files/2", "z");
    check({{"a/2/c", c}, {"m/files/2/c", c}, {"z/c", c}});
}

TEST_CASE_METHOD(
    RepeatedTree,
    "a symlink to what has a mounted directory in it is followed, and all packed once") {
    mount(disk / "files/2", root / "m");
    const bool before = GENERATE(true, false);
    link(disk, before ? "a" : "z");
    check({{"m/c", c}, {before ? "a/files/2/c" : "z/files/2/c", c}});
}

TEST_CASE_METHOD(RepeatedTree,
                 "a symlink between two mounted parts of where it leads packs none twice") {
    write(disk / "other/e", "the other part");
    mount(disk / "files", root / "a");
    mount(disk / "other", root / "z");
    link(disk, "m");
    check({{"a/2/c", c},
           {"m/files/2/c", c},
           {"m/other/e", "the other part"},
           {"z/e", "the other part"}});
}

TEST_CASE_METHOD(RepeatedTree, "several symlinks to one directory, and into it, are packed once") {
    link(disk / "files/2", "a");
    link(disk, "b");
    link(disk, "c");
    link(disk / "files", "d");
    check({{"a/c", c}, {"b/files/2/c", c}, {"c/files/2/c", c}, {"d/2/c", c}, {"b/files/1/b", b}});
}

TEST_CASE_METHOD(RepeatedTree,
                 "a symlink to a directory that is in the tree anyway stays a symlink") {
    link(root / "accounts", "accounts_of_old");
    link("accounts", "relative");
    const auto result = night("22");
    const auto all = entries();
    CHECK(result.warnings == std::vector<std::string>{});
    CHECK(all.at("accounts_of_old").type == EntryType::symlink);
    CHECK(all.at("relative").type == EntryType::symlink);
    CHECK(copies("account\0"s) == 1);
    CHECK(read(restore() / "relative/a") == "account");
}

TEST_CASE_METHOD(RepeatedTree,
                 "a symlink into an excluded directory is saved as the directory it leads to") {
    for (const std::string path : {"cache/moved/x", "cache/other/y", "cache/z"}) add(path, path);
    give(root, mastodon);
    link("cache/moved", "media_attachments", mastodon);
    link("../cache/other", "accounts/other", mastodon);
    options.excluded = {"cache"};
    const auto result = night("22");
    CHECK(result.warnings == std::vector<std::string>{});
    const auto all = entries();
    CHECK(contents(all.at("media_attachments/x")) == "cache/moved/x");
    CHECK(contents(all.at("accounts/other/y")) == "cache/other/y");
    CHECK(all.count("cache") == 0);
    CHECK(result.followed.size() == 2);
    CHECK(night("23").packed_files == 0);
    const auto fd = media::open_root(root);
    CHECK_NOTHROW(media::check_links(fd.get(), {"media_attachments/files"}, {"cache"}));
}

TEST_CASE_METHOD(RepeatedTree, "mounts within mounts are packed once where symlinks lead to each") {
    mount(disk, root / "m");
    mount(second, root / "m/files/3");
    link(second / "deep", "a");
    link(disk, "z");
    check({{"a/d", d}, {"m/files/3/deep/d", d}, {"m/files/1/b", b}, {"z/files/1/b", b}});
    // The mount exists only in the tree: at the target of the symlink, its mount point is empty.
    CHECK_FALSE(entries().contains("z/files/3/deep/d"));
}

TEST_CASE_METHOD(RepeatedTree,
                 "a mount behind a symlink is packed once with what else leads there") {
    mount(second, disk / "files/3");
    mount(second, root / "z");
    link(disk, "l");
    link(second, "a");
    check({{"a/deep/d", d}, {"l/files/3/deep/d", d}, {"z/deep/d", d}, {"l/files/1/b", b}});
}

TEST_CASE_METHOD(RepeatedTree,
                 "a symlink behind a symlink is packed once with what else leads there") {
    fs::create_directory_symlink(second, disk / "more");
    give(disk, mastodon);
    link(disk, "a");
    link(disk, "b");
    link(second, "z");
    check({{"a/more/deep/d", d}, {"b/more/deep/d", d}, {"z/deep/d", d}, {"b/files/1/b", b}});
    CHECK(walks <= 3);
}

TEST_CASE_METHOD(RepeatedTree,
                 "the tree itself may be mounted elsewhere, and a symlink lead there") {
    fs::create_directories(directory / "elsewhere");
    const Mount again(root, directory / "elsewhere");
    write(root / "media/e", "only here");
    give(root, mastodon);
    link(directory / "elsewhere/media", "z");
    check({{"media/e", "only here"}, {"z/e", "only here"}});
}

TEST_CASE_METHOD(RepeatedTree, "a symlink to what contains it ends the walk, whatever shows it") {
    mount(disk, root / "m");
    fs::create_directory_symlink(disk, disk / "files/up");
    fs::create_directory_symlink(second, disk / "over");
    fs::create_directory_symlink(disk, second / "back");
    give(disk, mastodon);
    give(second, mastodon);
    const auto result = night("22");
    const auto all = entries();
    CHECK(all.at("m/files/up").type == EntryType::symlink);
    CHECK(all.at("m/over/deep/d").type == EntryType::file);
    CHECK(all.at("m/over/back").type == EntryType::symlink);
    CHECK(result.warnings_in_all == 2);
    CHECK_THAT(result.warnings[0], Catch::Contains("it contains the symlink itself"));
}

TEST_CASE_METHOD(RepeatedTree, "no more than a few symlinks show one directory again") {
    for (int i = 0; i < 40; ++i) link(disk, fmt::format("l{:02}", i), mastodon);
    const auto result = night("22");
    const auto all = entries();
    std::size_t directories = 0;
    for (int i = 0; i < 40; ++i)
        directories += all.at(fmt::format("l{:02}", i)).type == EntryType::directory;
    CHECK(directories == 1 + media::FollowedLinks::most_repeated);
    CHECK(copies(c) == 1);
    CHECK(walks <= 3);
    CHECK_THAT(result.warnings[0], Catch::Contains("more than 16 symlinks lead to"));
}

TEST_CASE_METHOD(RepeatedTree,
                 "a pass that may defer nothing leaves such a symlink as it is, and says so") {
    mount(disk, root / "a");
    link(disk, "z");
    const auto result = backup();
    CHECK(result.repeated.empty());
    CHECK(entries().at("z").type == EntryType::symlink);
    REQUIRE(result.warnings.size() == 1);
    CHECK_THAT(result.warnings[0], Catch::Contains("its contents are in the set at another place"));
}
