// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/journal/change_journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <thread>
#include <utility>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"
#include "journal_fixture.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace fs = std::filesystem;
using mastobak::Errc;
using mastobak::Error;
using mastobak::UniqueFd;
using mastobak::media::ChangeJournal;
using mastobak::media::make_journal_group;
using mastobak::test::JournalledTree;
using mastobak::test::write;
using Names = std::vector<std::string>;

TEST_CASE("every kind of change is told by its path and the directory it is in") {
    JournalledTree tree;
    write(tree / "a/file", "text");
    write(tree / "a/other", "text");
    tree.settle();
    const auto file = tree / "a/file";
    using Change = std::function<void()>;
    const std::vector<std::pair<Change, Names>> changes{
        {[&] { write(file, "more"); }, {"a", "a/file"}},
        {[&] { std::ofstream(file, std::ios::app) << "end"; }, {"a", "a/file"}},
        {[&] { fs::permissions(file, fs::perms(0600)); }, {"a", "a/file"}},
        {[&] { REQUIRE(::chown(file.c_str(), 1, 1) == 0); }, {"a", "a/file"}},
        {[&] { REQUIRE(::utimes(file.c_str(), nullptr) == 0); }, {"a", "a/file"}},
        {[&] { REQUIRE(::setxattr(file.c_str(), "user.a", "b", 1, 0) == 0); }, {"a", "a/file"}},
        {[&] { write(tree / "a/new", "text"); }, {"a", "a/new"}},
        {[&] { fs::create_directory(tree / "a/b"); }, {"a", "a/b"}},
        {[&] { write(tree / "a/b/\n\xff", "text"); }, {"a/b", "a/b/\n\xff"}},
        {[&] { fs::permissions(tree / "a/b", fs::perms(0700)); }, {"a/b"}},
        {[&] { fs::create_symlink("nowhere", tree / "a/link"); }, {"a", "a/link"}},
        {[&] { fs::create_hard_link(file, tree / "hard"); }, {"hard"}},
        {[&] { REQUIRE(::mkfifo((tree / "a/fifo").c_str(), 0600) == 0); }, {"a", "a/fifo"}},
        {[&] { fs::rename(tree / "a/new", tree / "a/b/moved"); },
         {"a", "a/b", "a/b/moved", "a/new"}},
        {[&] { fs::rename(tree / "a/b/moved", tree / "a/other"); },
         {"a", "a/b", "a/b/moved", "a/other"}},
        {[&] { fs::rename(tree / "a/other", tree.outside("out")); }, {"a", "a/other"}},
        {[&] { fs::rename(tree.outside("out"), tree / "in"); }, {"in"}},
        {[&] { fs::remove(file); }, {"a", "a/file"}},
        {[&] { fs::permissions(tree.root(), fs::perms(0700)); }, {}},
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        INFO("change " << i);
        changes[i].first();
        CHECK(tree.changed() == changes[i].second);
    }
    fs::remove_all(tree / "a");
    const auto removed = tree.changed();
    CHECK(std::find(removed.begin(), removed.end(), "a") != removed.end());
    CHECK(tree.changed().empty());
}

TEST_CASE("nothing is told of what is outside the tree or excluded") {
    JournalledTree tree({"cache"});
    write(tree / "cache/deep/file", "text");
    write(tree / "media/cache/file", "text");
    write(tree.outside("sibling/file"), "text");
    write(tree.outside("tree2/file"), "text");
    fs::rename(tree / "cache/deep", tree / "cache/deeper");
    fs::rename(tree.outside("tree2"), tree.outside("tree3"));
    CHECK(tree.changed() == Names{"cache", "media", "media/cache", "media/cache/file"});
}

TEST_CASE("directories that are removed while they are looked up do not cause a gap") {
    JournalledTree tree;
    std::atomic<int> working = 2;
    const auto make_and_remove = [&](const char* name) {
        for (int i = 0; i < 1000; ++i) {
            fs::create_directories(tree.outside(name) / "a" / "b");
            fs::create_directories(tree.outside(name) / "a" / "c");
            fs::remove_all(tree.outside(name));
        }
        --working;
    };
    const std::jthread one(make_and_remove, "one");
    const std::jthread other(make_and_remove, "other");
    while (working > 0) tree.journal.drain();
    CHECK(tree.changed().empty());
}

TEST_CASE("a directory that is moved is a gap, wherever to") {
    JournalledTree tree;
    write(tree / "a/b/c/file", "text");
    write(tree.outside("x/y/file"), "text");
    tree.settle();
    const auto moves = std::vector<std::pair<fs::path, fs::path>>{
        {tree / "a/b/c", tree / "a/c"},
        {tree / "a/b", tree.outside("x/b")},
        {tree.outside("x/y"), tree / "a/y"},
    };
    for (const auto& [from, to] : moves) {
        fs::rename(from, to);
        write(tree / "a/file", "text");
        CHECK(tree.gap() == "a directory was moved");
        CHECK(tree.changed().empty());
    }
    write(tree / "a/y/file", "text");
    CHECK(tree.changed() == Names{"a/y", "a/y/file"});
}

TEST_CASE("a directory that leaves the tree by way of one that is removed is a gap") {
    JournalledTree tree;
    fs::create_directories(tree / "a/b/c");
    tree.settle();
    fs::rename(tree / "a/b", tree / "b");
    fs::remove(tree / "a");
    fs::rename(tree / "b/c", tree.outside("c"));
    fs::remove(tree / "b");
    CHECK(tree.gap() == "a directory was moved");
}

TEST_CASE("a directory that was removed and is there again is a gap, also long after") {
    JournalledTree tree;
    write(tree / "a/b/file", "text");
    tree.settle();
    fs::remove_all(tree / "a");
    SECTION("at once") {}
    SECTION("after a run") {
        tree.settle();
    }
    SECTION("after a restart") {
        tree.settle();
        auto next = tree.another();
        REQUIRE(next.resume(tree.journal.serialize().value()));
        fs::create_directory(tree / "a");
        CHECK(next.take().gap == "a directory was removed and created again");
        return;
    }
    fs::create_directory(tree / "a");
    CHECK(tree.gap() == "a directory was removed and created again");
}

TEST_CASE("a directory that was only made and removed does not cause a gap") {
    JournalledTree tree;
    fs::create_directory(tree / "a");
    tree.settle();
    fs::create_directory(tree / "a/b");
    fs::remove(tree / "a/b");
    CHECK(tree.changed() == Names{"a", "a/b"});
}

TEST_CASE("more paths than the limit are a gap, until they are taken") {
    JournalledTree tree({}, 10);
    for (int i = 0; i < 11; ++i) write(tree / std::to_string(i), "text");
    CHECK(tree.gap() == "more than 10 paths have changed");
    write(tree / "a", "text");
    CHECK(tree.changed() == Names{"a"});
}

TEST_CASE("another directory in the place of the root is a gap, and watched from then on") {
    JournalledTree tree;
    write(tree / "a", "text");
    fs::rename(tree.root(), tree.outside("old"));
    CHECK(tree.gap() == "the media directory was replaced by another one");
    CHECK_FALSE(tree.gap().empty());
    fs::create_directory(tree.root());
    CHECK_FALSE(tree.gap().empty());
    write(tree / "b", "text");
    CHECK(tree.changed() == Names{"b"});
}

TEST_CASE("a directory above the root may be moved there and back") {
    JournalledTree tree;
    fs::rename(tree.outside(""), tree.outside("").parent_path().native() + "-moved");
    fs::rename(tree.outside("").parent_path().native() + "-moved", tree.outside(""));
    write(tree / "a", "text");
    CHECK(tree.changed() == Names{"a"});
}

TEST_CASE("a run that fails gives back what it took") {
    JournalledTree tree;
    write(tree / "a", "text");
    auto taken = tree.journal.take();
    write(tree / "b", "text");
    tree.journal.put_back(taken);
    tree.journal.drain();
    CHECK(tree.journal.peek().paths.size() == 2);
    CHECK(tree.changed() == Names{"a", "b"});
    taken.gap = "for a test";
    tree.journal.put_back(taken);
    write(tree / "c", "text");
    CHECK(tree.gap() == "for a test");
    CHECK(tree.changed().empty());
}

TEST_CASE(
    "the next reader of the group goes on where the last one ended, if that left its memory") {
    JournalledTree tree({"cache"});
    write(tree / "read by the first", "text");
    tree.journal.drain();
    const auto memory = tree.journal.serialize().value();
    write(tree / "read by the second\n", "text");

    CHECK(tree.another({"cache"}).peek().gap == "the journal is new");
    CHECK_FALSE(tree.another().resume(memory));
    CHECK_FALSE(tree.another({"cache"}).resume(memory.substr(0, memory.size() - 1)));
    CHECK_FALSE(tree.another({"cache"}).resume(""));
    auto next = tree.another({"cache"});
    REQUIRE(next.resume(memory));
    const auto changes = next.take();
    CHECK(changes.gap.empty());
    CHECK(Names(changes.paths.begin(), changes.paths.end()) ==
          Names{"read by the first", "read by the second\n"});
    next.put_back({"for a test", {}});
    CHECK_FALSE(next.serialize());
}

TEST_CASE("a file system without a journal is refused with a reason") {
    try {
        make_journal_group("/proc/self");
        FAIL("made");
    } catch (const Error& error) {
        CHECK(error.text().find("'/proc/self'") != std::string::npos);
    }
    CHECK_THROWS_AS(ChangeJournal(UniqueFd(), "/does/not/exist", {}), Error);
}

TEST_CASE("a descriptor that is not a journal causes a lasting gap") {
    const JournalledTree tree;
    ChangeJournal journal(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)), tree.root(), {});
    for (int i = 0; i < 3; ++i) CHECK_FALSE(journal.take().gap.empty());
    ChangeJournal closed(UniqueFd(::open("/", O_RDONLY | O_CLOEXEC)), tree.root(), {});
    for (int i = 0; i < 3; ++i) CHECK_FALSE(closed.take().gap.empty());
}
