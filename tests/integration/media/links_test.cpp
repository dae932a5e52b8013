// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "linked_tree.hpp"
#include "media/tree/directory.hpp"
#include "media/tree/followed_links.hpp"
#include "media/tree/media_root.hpp"
#include "media/tree/tree_size.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
using media::EntryType;
namespace fs = std::filesystem;

namespace {

constexpr uid_t mastodon = LinkedTree::mastodon;
constexpr uid_t another = 991;

struct Links : LinkedTree {
    Errc refused() {
        const auto fd = media::open_root(root);
        return code_of([&] { media::check_links(fd.get(), {"media_attachments/files"}, {}); });
    }
};

}  // namespace

TEST_CASE_METHOD(Links, "a symlink to a directory of Mastodon's is saved as what it leads to") {
    link(disk, "media_attachments");
    const auto result = backup();
    const auto all = entries();
    CHECK(all.at("media_attachments").type == EntryType::directory);
    CHECK(all.at("media_attachments").uid == mastodon);
    CHECK(contents(all.at("media_attachments/files/1/b")) == "on another disk");
    REQUIRE(result.followed.size() == 1);
    CHECK(result.followed[0].path == "media_attachments");
    CHECK(result.followed[0].target == disk);
    CHECK(result.warnings == std::vector<std::string>{});
    // Each file is read once: the next backup has nothing to pack.
    CHECK(backup("20261123T030000Z").packed_files == 0);
    CHECK(media::tree_size(root, {}, {}, {}).packs.count >
          std::string("on another disk").size() + 768);
    const auto fd = media::open_root(root);
    CHECK_NOTHROW(media::check_links(fd.get(), {"media_attachments/files"}, {}));
}

TEST_CASE_METHOD(Links, "a symlink in the place of the tree leads to its own owner's alone") {
    const auto live = directory / "live";
    const auto lead = [&](const fs::path& target, uid_t user) {
        fs::remove(live);
        fs::create_directory_symlink(target, live);
        give(live, user);
    };
    // The configuration names the symlink itself, or a path with a symlink in a parent directory.
    for (const auto& path : {live, live / "media_attachments"})
        for (const uid_t owner : {uid_t(0), another, mastodon}) {
            fs::create_directories(disk / "media_attachments");
            give(disk, owner);
            for (const uid_t user : {uid_t(0), another, mastodon}) {
                CAPTURE(path, owner, user);
                lead(disk, user);
                const auto open = [&] { static_cast<void>(media::open_root(path)); };
                if (user == 0 || user == owner)
                    CHECK_NOTHROW(open());
                else
                    CHECK(code_of(open) == Errc::media);
            }
        }
}

TEST_CASE_METHOD(Links, "a symlink of Mastodon's leads into no directory of another user") {
    give(disk, another);
    link(disk, "media_attachments", mastodon);
    link("/etc", "accounts/etc", mastodon);
    const auto result = backup();
    const auto all = entries();
    CHECK(all.at("media_attachments").type == EntryType::symlink);
    CHECK(all.at("accounts/etc").type == EntryType::symlink);
    CHECK(all.count("accounts/etc/passwd") == 0);
    CHECK(all.count("media_attachments/files/1/b") == 0);
    CHECK(result.warnings_in_all == 2);
    CHECK(refused() == Errc::media);
}

TEST_CASE_METHOD(Links, "a symlink that another user has made is not followed") {
    link(disk, "media_attachments", another);
    backup();
    CHECK(entries().at("media_attachments").type == EntryType::symlink);
}

TEST_CASE_METHOD(Links, "symlinks into the tree, above it and twice to one place end the walk") {
    link(root, "accounts/root", mastodon);
    link(".", "accounts/self", mastodon);
    give(directory / "", mastodon);
    link(directory / "", "accounts/up", mastodon);
    link(disk / "files", "one", mastodon);
    link(disk, "two", mastodon);
    link(disk / "files", "three", mastodon);
    backup();
    const auto all = entries();
    for (const std::string path : {"accounts/root", "accounts/self", "accounts/up", "two"})
        CHECK(all.at(path).type == EntryType::symlink);
    // The first one in the order of the walk is followed.
    CHECK(all.at("one").type == EntryType::directory);
    CHECK(all.at("three").type == EntryType::symlink);
}

TEST_CASE_METHOD(Links, "what is mounted below the root is a part of the tree") {
    add("accounts/file", "under the mount");
    write(directory / "one file", "of a bind mount");
    write(disk / "nested/x", "under the mount");
    fs::create_directories(root / "media_attachments");
    const Mount of_directory(disk, root / "media_attachments");
    const Mount of_file(directory / "one file", root / "accounts/file");
    const Mount nested({}, root / "media_attachments/nested");
    write(root / "media_attachments/nested/deep/file", "on a third file system");
    give(root, mastodon);
    const auto result = backup();
    CHECK(result.warnings == std::vector<std::string>{});
    CHECK(result.followed.empty());
    const auto all = entries();
    CHECK(all.at("media_attachments").type == EntryType::directory);
    CHECK(contents(all.at("media_attachments/files/1/b")) == "on another disk");
    CHECK(contents(all.at("media_attachments/nested/deep/file")) == "on a third file system");
    CHECK(all.count("media_attachments/nested/x") == 0);
    CHECK(contents(all.at("accounts/file")) == "of a bind mount");
    CHECK(differences(restore()) == "");
    CHECK(backup("20261123T030000Z").packed_files == 0);
}

TEST_CASE_METHOD(Links, "a directory that is mounted at several places is packed once") {
    const std::string large(100'000, 'x');
    write(disk / "files/2/c", large);
    fs::create_hard_link(disk / "files/2/c", disk / "files/2/d");
    for (const auto* path : {"cache", "media_attachments", "twice/files"})
        fs::create_directories(root / path);
    const Mount one(disk, root / "media_attachments");
    const Mount again(disk, root / "cache");
    const Mount a_part(disk / "files", root / "twice/files");
    const Mount of_the_tree(root / "accounts", root / "twice");
    const Mount of_one_file(disk / "files/1/b", root / "accounts/a");
    give(root, mastodon);
    const auto result = backup();
    CHECK(result.warnings == std::vector<std::string>{});
    const auto all = entries();
    CHECK(all.at("cache/files/2/c").type == EntryType::file);
    for (const auto* path :
         {"cache/files/2/d", "media_attachments/files/2/c", "media_attachments/files/2/d"}) {
        CAPTURE(path);
        CHECK(all.at(path).type == EntryType::hardlink);
        CHECK(all.at(path).target == "cache/files/2/c");
    }
    CHECK(result.packed_bytes.count < 2 * large.size());
    CHECK(differences(restore()) == "");
    CHECK(verify() == std::vector<std::string>{});
    CHECK(backup("20261123T030000Z").packed_files == 0);
    // When one place is unmounted, the other names still have the contents.
    ::umount2((root / "cache").c_str(), MNT_DETACH);
    backup("20261124T030000Z");
    CHECK(entries().at("media_attachments/files/2/c").type == EntryType::file);
    CHECK(differences(restore()) == "");
    CHECK(verify() == std::vector<std::string>{});
}

TEST_CASE_METHOD(Links,
                 "a file that is mounted in the tree at another place, too, is packed once") {
    const std::string text(100'000, 'x');
    add("accounts/0 mount point", "");
    add("accounts/b", text);
    add("z/mount point", "");
    const Mount before(root / "accounts/b", root / "accounts/0 mount point");
    const Mount after(root / "accounts/b", root / "z/mount point");
    give(root, mastodon);
    const auto result = backup();
    const auto all = entries();
    CHECK(all.at("accounts/0 mount point").type == EntryType::file);
    for (const std::string path : {"accounts/b", "z/mount point"}) {
        CAPTURE(path);
        CHECK(all.at(path).type == EntryType::hardlink);
        CHECK(all.at(path).target == "accounts/0 mount point");
    }
    CHECK(result.packed_bytes.count < 2 * text.size());
    CHECK(differences(restore()) == "");
    CHECK(backup("20261123T030000Z").packed_files == 0);
}

TEST_CASE_METHOD(Links, "links below a followed directory stay links, as in the tree") {
    fs::create_hard_link(disk / "files/1/b", root / "accounts/hard");
    fs::create_symlink("/etc/passwd", disk / "files/out");
    fs::create_symlink("nowhere", disk / "files/dangling");
    fs::create_directory_symlink("..", disk / "files/up");
    fs::create_directory_symlink(root / "accounts", disk / "files/back");
    REQUIRE(::mkfifo((disk / "files/fifo").c_str(), 0600) == 0);
    give(disk, mastodon);
    link(disk, "media_attachments");
    const auto result = backup();
    const auto all = entries();
    REQUIRE(result.followed.size() == 1);
    CHECK(all.at("media_attachments/files/1/b").type == EntryType::hardlink);
    CHECK(all.at("media_attachments/files/1/b").target == "accounts/hard");
    for (const std::string name : {"out", "dangling", "up", "back"})
        CHECK(all.at("media_attachments/files/" + name).type == EntryType::symlink);
    CHECK(all.count("media_attachments/files/fifo") == 0);
    CHECK(all.count("media_attachments/files/back/a") == 0);
    const auto restored = restore();
    CHECK(read(restored / "media_attachments/files/1/b") == "on another disk");
    CHECK(fs::hard_link_count(restored / "accounts/hard") == 2);
    CHECK_FALSE(fs::is_symlink(restored / "media_attachments"));
}

TEST_CASE_METHOD(Links, "an excluded directory that is a symlink is left out") {
    link(disk, "cache");
    options.excluded = {"cache"};
    backup();
    CHECK(entries().count("cache") == 0);
}

TEST_CASE_METHOD(Links, "a directory that Mastodon writes to and that is not mounted is refused") {
    link(directory / "not mounted", "media_attachments");
    CHECK(refused() == Errc::media);
}

TEST_CASE_METHOD(Links, "the index has the extended attributes of directories") {
    REQUIRE(::setxattr((root / "accounts").c_str(), "user.a", "1\n\0", 3, 0) == 0);
    backup();
    const auto xattrs = media::decode_xattrs(entries().at("accounts").target);
    REQUIRE(xattrs.size() == 1);
    CHECK(xattrs[0].first == "user.a");
    CHECK(xattrs[0].second == std::string("1\n\0", 3));
    CHECK(media::encode_xattrs({}) == "");
    CHECK(code_of([] { media::decode_xattrs("user.a"); }) == Errc::corrupt);
}
