// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/sha256.hpp"
#include "later_sets.hpp"
#include "media/backup_tree.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/merge_index.hpp"
#include "media/journal/journal_check.hpp"
#include "media_fixture.hpp"
#include "support/catch.hpp"
#include "tree_operations.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

struct ChangesFixture : MediaFixture {
    media::Delta look_at(const media::Paths& paths, const std::string& set = second) {
        options.pack_prefix = set;
        options.index = directory / (set + ".delta.zst");
        return media::backup_changes(options, paths, {}, {});
    }

    /// Backs up only these paths. The newest index is then the merged one.
    media::MergedIndex night(const media::Paths& paths, const std::string& set = second) {
        const auto delta = look_at(paths, set);
        REQUIRE(delta.gap.empty());
        const auto out = directory / (set + ".merged.zst");
        auto merged = media::merge_index(index, options.index, paths, out, {});
        index = out;
        return merged;
    }

    std::map<std::string, media::Entry> but_for_packs() const {
        auto all = entries();
        for (auto& [path, entry] : all) {
            entry.pack.clear();
            entry.offset = entry.stored = 0;
        }
        return all;
    }
};

}  // namespace

TEST_CASE_METHOD(ChangesFixture, "the merged index of any changes is that of a walk") {
    const auto seed = GENERATE(range(1u, 13u));
    TreeOperations change(root, seed);
    add("stays", "1");
    change(150);
    backup();
    const auto base = index;
    change.touched.clear();
    change(static_cast<int>(seed) * 4);

    const auto merged = night(change.touched);
    const auto by_changes = but_for_packs();
    CHECK(verify() == std::vector<std::string>{});
    CHECK(differences(restore()) == "");

    index = base;
    const auto walked = backup(third);
    CHECK(by_changes == but_for_packs());
    CHECK(merged.index.entries == walked.index.entries);
    CHECK(merged.index.files == walked.index.files);
    CHECK(merged.index.file_bytes == walked.index.file_bytes);
    CHECK(media::check_journal(base, index, change.touched, {}).count == 0);
}

TEST_CASE_METHOD(ChangesFixture, "the merged index counts what it uses of which pack") {
    add("a", "1");
    add("b", "2");
    add("c", "3");
    backup();
    add("b", "changed");
    fs::remove(root / "c");
    const auto merged = night({"b", "c"});
    CHECK(entries_used(merged.packs_used) ==
          std::map<std::string, std::uint64_t>{{"20261122T030000Z-0001.tar", 1},
                                               {"20261123T030000Z-0001.tar", 1}});
    CHECK(merged.base_files == 3);
    CHECK(merged.index.file_bytes.count == 8);
}

TEST_CASE_METHOD(ChangesFixture, "a night without changes has the same index and no new pack") {
    add("a/b", "1");
    backup();
    const auto before = entries();
    CHECK(look_at({}).result.new_packs.empty());
    fs::remove(options.index);
    night({});
    CHECK(entries() == before);
}

TEST_CASE_METHOD(ChangesFixture, "what was below a directory that is gone goes with it") {
    add("d/x/y", "1");
    add("d-", "not below it, though it sorts next to it");
    add("e/x", "1");
    backup();
    fs::remove_all(root / "d");
    fs::remove_all(root / "e");
    add("e", "a file now");
    night({"d", "e"});
    const auto now = entries();
    CHECK(now.size() == 2);
    CHECK(now.contains("d-"));
    CHECK(now.at("e").type == media::EntryType::file);
}

TEST_CASE_METHOD(ChangesFixture, "a changed file of several names is gap, and packs are told") {
    add("a/one", "1");
    add("a/two", "2");
    backup();
    add("a/0", "new");
    fs::create_hard_link(root / "a/two", root / "a/three");
    const auto delta = look_at({"a", "a/0", "a/three"});
    CHECK(delta.gap.find("2 names") != std::string::npos);
    CHECK(delta.result.new_packs.size() == 1);
}

TEST_CASE_METHOD(ChangesFixture,
                 "changed paths are not looked for behind symlinks or in excluded") {
    options.excluded = {"cache"};
    add("a/b", "1");
    add("cache/c", "1");
    backup();
    fs::create_directory(directory / "outside");
    write(directory / "outside/b", "a secret");
    fs::remove_all(root / "a");
    fs::create_symlink(directory / "outside", root / "a");
    night({"a", "a/b", "cache", "cache/c"});
    CHECK(entries().size() == 1);
    CHECK(entries().at("a").type == media::EntryType::symlink);
}

TEST_CASE_METHOD(ChangesFixture, "a change that the journal did not name is found by the walk") {
    add("a/kept", "1");
    add("a/written", "1");
    add("a/removed", "1");
    backup();
    const auto base = index;
    add("a/written", "2");
    fs::remove(root / "a/removed");
    add("a/made", "3");
    backup(second);
    CHECK(media::check_journal(base, index, {"a", "a/made", "a/removed", "a/written"}, {}).count ==
          0);
    const auto missed = media::check_journal(base, index, {"a", "a/made"}, {});
    CHECK(missed.count == 2);
    CHECK(missed.first == "a/removed");
}

TEST_CASE_METHOD(ChangesFixture, "a file that changed too close to the last look is read again") {
    add("a", "first");
    add("b", "other");
    backup();

    // A second write within one tick of the kernel's clock leaves the same times and size.
    const auto stale = directory / "stale.index.zst";
    media::IndexWriter writer(stale);
    const auto all = entries();
    const auto changed_at = all.at("a").ctime;
    for (auto [path, entry] : all) {
        if (path == "a") entry.sha256 = Digest{};
        writer.add(entry);
    }
    writer.finish();

    index = stale;
    CHECK(backup(second).packed_files == 0);
    CHECK(entries().at("a").sha256 == Digest{});

    index = stale;
    options.trusted_until = changed_at;
    const auto again = backup(third);
    CHECK(again.packed_files >= 1);
    CHECK(entries().at("a").sha256 == all.at("a").sha256);
}
