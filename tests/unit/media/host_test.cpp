// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/mount.h>

#include "in_a_child.hpp"
#include "journal_fixture.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace fs = std::filesystem;
using namespace mastobak::test;
using mastobak::media::ChangeJournal;
using mastobak::media::make_journal_group;
using mastobak::media::Paths;

TEST_CASE("an unprivileged process with CAP_DAC_READ_SEARCH reads a journal that root has made") {
    const JournalledTree tree;
    write(tree / "private/file", "text");
    fs::permissions(tree / "private", fs::perms(0700));
    CHECK(in_a_child([&] {
        become_unprivileged();
        CHECK_THROWS(make_journal_group(tree.root()));
        auto journal = tree.another();
        const auto memory = tree.journal.serialize();
        if (!memory || !journal.resume(*memory)) return false;
        const auto changes = journal.take();
        return changes.gap.empty() && changes.paths == Paths{"private", "private/file"};
    }));
}

TEST_CASE("what is mounted in the tree is a gap, and once more when it is gone") {
    const JournalledTree tree({"cache"});
    fs::create_directory(tree / "cache");
    fs::create_directory(tree / "other disk");
    const auto mount = [&](const char* name) {
        return ::mount("none", (tree / name).c_str(), "tmpfs", 0, nullptr) == 0;
    };
    CHECK(in_a_child([&] {
        unshare_mounts();
        auto journal = tree.another({"cache"});
        static_cast<void>(journal.take());
        if (!mount("cache") || !journal.take().gap.empty()) return false;
        if (!mount("other disk")) return false;
        const auto gap = "something else is mounted at '" + (tree / "other disk").native() + "'";
        for (int i = 0; i < 2; ++i)
            if (journal.take().gap != gap) return false;
        if (journal.serialize()) return false;
        if (::umount((tree / "other disk").c_str()) != 0) return false;
        return journal.take().gap == gap && journal.take().gap.empty();
    }));
}

TEST_CASE("a journal of an unmounted or another file system causes a lasting gap") {
    JournalledTree tree;
    const auto disk = tree / "disk";
    fs::create_directory(disk);
    const auto blind = [](ChangeJournal& journal) {
        static_cast<void>(journal.take());
        return journal.take().gap.starts_with("the journal watches another file system");
    };
    CHECK(in_a_child([&] {
        unshare_mounts();
        if (::mount("none", disk.c_str(), "tmpfs", 0, nullptr) != 0) return false;
        ChangeJournal journal(make_journal_group(disk), disk, {});
        static_cast<void>(journal.take());
        write(disk / "file", "text");
        if (journal.take().paths != Paths{"file"}) return false;
        ChangeJournal other(make_journal_group(tree.root()), disk, {});
        if (!blind(other)) return false;
        if (::umount2(disk.c_str(), MNT_DETACH) != 0) return false;
        return !journal.take().gap.empty() && blind(journal);
    }));
}
