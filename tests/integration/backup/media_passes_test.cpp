// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <fstream>

#include "media_nights.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using test::MediaNights;
namespace fs = std::filesystem;

TEST_CASE_METHOD(MediaNights, "the first night walks, and its freeze goes by the journal") {
    add("a/1", "1");
    add("a/2", "2");
    night({.before_freeze = [&] {
        add("a/2", "changed");
        add("b/3", "new");
        fs::remove(root / "a/1");
    }});
    CHECK(notes == std::vector<std::string>{
                       "media pass 1 walked the tree, change journal: the journal is new"});
    CHECK(files() == tree());
    CHECK(manifest.media.files == 2);
    CHECK(damage().empty());
}

TEST_CASE_METHOD(MediaNights, "a night with a whole journal walks nothing") {
    add("a/1", "1");
    add("gone/x/y", "2");
    night();
    add("a/2", "22");
    fs::remove_all(root / "gone");
    night({.before_freeze = [&] { add("a/3", "333"); }});
    CHECK(notes.empty());
    CHECK(warnings.empty());
    CHECK(files() == tree());
    CHECK(manifest.media.files == 3);
    CHECK(manifest.media.bytes == Bytes{6});
    CHECK(manifest.media.packs.size() == 3);
    night();
    CHECK(notes.empty());
    CHECK(files() == tree());
    CHECK(damage().empty());
}

TEST_CASE_METHOD(MediaNights, "what a failed run took from the journal is told again") {
    add("a", "1");
    night();
    add("a", "changed");
    night({.before_freeze = [&] { add("b", "new"); }, .fails = true});
    night();
    CHECK(notes.empty());
    CHECK(files() == tree());
}

TEST_CASE_METHOD(MediaNights, "a gap in the freeze makes it walk and say so") {
    add("a", "1");
    night({.before_freeze = [&] {
        add("a", "changed");
        journal->put_back({"the queue overflowed", {}});
    }});
    CHECK(noted("media pass 2 walked the tree, change journal: the queue overflowed"));
    CHECK(files() == tree());
}

TEST_CASE_METHOD(MediaNights, "without a journal the freeze walks and says so") {
    journal.reset();
    add("a", "1");
    night({.before_freeze = [&] { add("a", "changed"); }});
    CHECK(noted("media pass 2 walked the tree, change journal: there is none"));
    CHECK(files() == tree());
}

TEST_CASE_METHOD(MediaNights, "a live pass is repeated when much has changed meanwhile") {
    for (int i = 0; i < 2001; ++i) add("d/" + std::to_string(i), "1");
    bool frozen = false;
    night({.in_first_pass =
               [&] {
                   for (int i = 0; i < 2001; ++i) add("d/" + std::to_string(i), "2");
               },
           .before_freeze =
               [&] {
                   journal->drain();
                   frozen = journal->peek().paths.empty();
               }});
    CHECK(frozen);
    CHECK(files() == tree());
}

TEST_CASE_METHOD(MediaNights, "a live pass is repeated when few, but large files have come") {
    add("a", "1");
    bool frozen = false;
    night({.in_first_pass =
               [&] {
                   add("video.mp4", "");
                   fs::resize_file(root / "video.mp4", std::uint64_t{65} << 20);
               },
           .before_freeze =
               [&] {
                   journal->drain();
                   frozen = journal->peek().paths.empty();
               }});
    CHECK(frozen);
    CHECK(files() == tree());
}

TEST_CASE_METHOD(MediaNights, "a tree with hard links is walked each time") {
    add("a", "1");
    fs::create_hard_link(root / "a", root / "b");
    night();
    CHECK(
        noted("media pass 2 walked the tree, change journal: it does not cover files with several "
              "names"));
    fs::remove(root / "a");
    night();
    CHECK(noted("media pass 1 walked"));
    CHECK(files() == tree());
    CHECK(damage().empty());
    night();
    CHECK(notes.empty());
}

TEST_CASE_METHOD(MediaNights, "a hard link that is made after the walk is found in time") {
    add("a", "1");
    night({.before_freeze = [&] { fs::create_hard_link(root / "a", root / "b"); }});
    CHECK(noted("2 names (hard links)"));
    CHECK(manifest.media.files == 1);
    CHECK(damage().empty());
}

TEST_CASE_METHOD(MediaNights, "the journal is not believed for another set than its own") {
    add("a", "1");
    night();
    night();
    const store::Staging staging(config.staging.path);
    add("a", "changed");
    fs::remove_all(staging.set(*staging.latest()));
    night();
    CHECK(noted("change journal: it does not continue from the last set"));
    CHECK(files() == tree());
}

TEST_CASE_METHOD(MediaNights, "a walk that is due finds what the journal has named") {
    config.media.full_walk = std::chrono::seconds(0);
    add("a/1", "1");
    night();
    add("a/1", "changed");
    add("b/2", "new");
    night({.before_freeze = [&] { add("b/3", "newer"); }});
    CHECK(noted("it is being checked (media.full_walk)"));
    CHECK(noted("has found the same changes as the change journal"));
    CHECK(warnings.empty());
    CHECK(files() == tree());
}

TEST_CASE_METHOD(MediaNights, "what the journal missed is in the set all the same, and reported") {
    config.media.full_walk = std::chrono::seconds(0);
    add("a/1", "1");
    std::ofstream open_all_night(root / "a/1", std::ios::app);
    night();
    // The kernel reports a write when the file is closed, not before.
    open_all_night << "2" << std::flush;
    night();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("missed 1 change, the first is 'a/1'") != std::string::npos);
    CHECK(files() == tree());
}

TEST_CASE_METHOD(MediaNights, "a tree without files is not backed up, with the journal either") {
    add("a", "1");
    night();
    fs::remove(root / "a");
    CHECK_THROWS_AS(night(), Error);
}

TEST_CASE_METHOD(MediaNights, "contents that the last set has are not packed again") {
    add("a/1", "contents");
    night();
    fs::rename(root / "a/1", root / "a/2");
    add("b", "contents");
    night();
    CHECK(noted("the contents of 2 new or changed files (16 B) are in a pack already"));
    CHECK(manifest.media.new_files == 0);
    CHECK(manifest.media.packs.size() == 1);
    CHECK(files() == tree());
    CHECK(damage().empty());
}

TEST_CASE_METHOD(MediaNights, "a lost state directory costs what is packed again, no more") {
    add("a/1", "contents");
    night();
    fs::remove_all(config.state_directory);
    fs::rename(root / "a/1", root / "a/2");
    night();
    CHECK(manifest.media.new_files == 1);
    fs::rename(root / "a/2", root / "a/3");
    night();
    CHECK(manifest.media.new_files == 0);
    CHECK(files() == tree());
    CHECK(damage().empty());
}

TEST_CASE_METHOD(MediaNights, "the freeze packs what it finds, without a look at what is known") {
    add("a", "contents");
    night({.before_freeze = [&] { add("b", "contents"); }});
    night({.before_freeze = [&] { add("c", "contents"); }});
    CHECK(manifest.media.new_files == 1);
    CHECK(files() == tree());
    CHECK(damage().empty());
}

TEST_CASE_METHOD(MediaNights, "symlinks to one directory are packed once, also when one is new") {
    const auto disk = directory / "disk";
    test::write(disk / "1/b", "on another disk");
    for (const auto& path : {root, disk, disk / "1", disk / "1/b"})
        REQUIRE(::chown(path.c_str(), 990, 990) == 0);
    add("a/1", "1");
    fs::create_directory_symlink(disk, root / "b");
    fs::create_directory_symlink(disk / "1", root / "z");
    night();
    CHECK(manifest.media.new_files == 2);
    CHECK(manifest.media.followed_links.size() == 2);
    CHECK(files().contains("b/1/b"));
    CHECK(manifest.media.files == 2);
    // The freeze follows the new symlink, and later backups know it.
    night({.before_freeze = [&] { fs::create_directory_symlink(disk, root / "y"); }});
    CHECK(manifest.media.followed_links.size() == 3);
    CHECK(manifest.media.new_files == 0);
    night();
    CHECK(manifest.media.followed_links.size() == 3);
    CHECK(manifest.media.new_files == 0);
    CHECK(warnings.empty());
    CHECK(damage().empty());
}
