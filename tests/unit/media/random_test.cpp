// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <fstream>
#include <random>
#include <vector>

#include "journal_fixture.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace fs = std::filesystem;
using mastobak::media::JournalChanges;
using mastobak::test::JournalledTree;
using mastobak::test::write;

namespace {

/// Changes a tree at random, like Mastodon and its admin. Never moves a directory, or makes it
/// twice.
class Operations {
 public:
    Operations(fs::path root, unsigned seed) : root_(std::move(root)), random_(seed) {}

    void once() {
        std::vector<fs::path> all{root_};
        std::vector<fs::path> directories{root_};
        for (const auto& item : fs::recursive_directory_iterator(root_)) {
            all.push_back(item.path());
            if (fs::is_directory(item.symlink_status())) directories.push_back(item.path());
        }
        const auto there = one_of(all);
        const auto directory = one_of(directories);
        const auto name = directory / fmt::format("{}", below(30));
        const bool is_file = fs::is_regular_file(fs::symlink_status(there));
        switch (below(8)) {
            case 0:
            case 1:
                if (!fs::is_symlink(name)) write(name, std::string(below(99), 'x'));
                return;
            case 2:
                fs::create_directory(directory / fmt::format("d{}", ++made_));
                return;
            case 3:
                if (is_file) std::ofstream(there, std::ios::app) << "more";
                return;
            case 4:
                if (!fs::is_symlink(there)) fs::permissions(there, fs::perms(0700 + below(64)));
                return;
            case 5:
                if (is_file) fs::rename(there, name);
                return;
            case 6:
                if (!fs::exists(fs::symlink_status(name))) fs::create_symlink("nowhere", name);
                return;
            default:
                if (there != root_ && below(3) == 0) fs::remove_all(there);
        }
    }

 private:
    unsigned below(unsigned limit) {
        return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_);
    }
    const fs::path& one_of(const std::vector<fs::path>& paths) {
        return paths[below(static_cast<unsigned>(paths.size()))];
    }

    fs::path root_;
    std::mt19937 random_;
    int made_ = 0;
};

/// Returns whether the journal reports a path: by its name, or, if it was removed, by the name of a
/// directory that was also removed.
bool is_told(const JournalledTree& tree, const JournalChanges& changes, fs::path path) {
    if (changes.paths.contains(path.native())) return true;
    while (!(path = path.parent_path()).empty())
        if (!fs::exists(tree / path.native()) && changes.paths.contains(path.native())) return true;
    return false;
}

}  // namespace

TEST_CASE("whatever a walk finds changed has been told by the journal") {
    JournalledTree tree;
    Operations operation(tree.root(), 1);
    auto before = tree.look();
    std::size_t changed = 0;
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 50; ++i) {
            operation.once();
            if (i % 7 == 0) tree.journal.drain();  // otherwise, the kernel merges more events
        }
        const auto changes = tree.journal.take();
        CHECK(changes.gap == "");
        auto after = tree.look();
        auto all = before;
        all.insert(after.begin(), after.end());
        for (const auto& [path, _] : all) {
            if (before.contains(path) && after.contains(path) && before[path] == after[path])
                continue;
            ++changed;
            INFO("round " << round << ": " << path);
            CHECK(is_told(tree, changes, path));
        }
        before = std::move(after);
    }
    CHECK(changed > 300);
}
