// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention/prune.hpp"

#include "core/error.hpp"
#include "store/marks.hpp"
#include "store/retention/candidates.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"
#include "support/dies_at.hpp"
#include "support/store_fixture.hpp"
#include "unit/store/three_sets.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

/// Three sets. The second also needs the pack of the first, and the third that of the second.
struct ThreeSets : StoreFixture {
    ThreeSets() {
        const auto one = publish(first);
        const auto two = publish(second, one.media.packs);
        publish(third, {two.media.packs.back()});
    }

    store::Pruned prune(const Names& going, bool dry_run = false) const {
        return store::prune(staging, going, dry_run, {});
    }
    Names damage() const {
        Names problems;
        for (const auto& set : staging.list())
            for (const auto& problem : store::verify(staging, set, {}, {}).problems)
                problems.push_back(set + ": " + problem);
        return problems;
    }
    Bytes used() const {
        Bytes sum;
        for (const auto& entry : fs::recursive_directory_iterator(staging.root()))
            if (entry.is_regular_file()) sum += Bytes{entry.file_size()};
        return sum;
    }
};

std::string pack_of(const std::string& set) {
    return set + "-0001.tar";
}

}  // namespace

TEST_CASE_METHOD(ThreeSets, "a set goes, and with it the packs that no other set needs") {
    CHECK(prune({first}).packs.empty());
    CHECK(staging.list() == Names{second, third});
    CHECK(names_in(staging.media()).size() == 3);
    CHECK(prune({second}).packs == Names{pack_of(first)});
    CHECK(names_in(staging.media()) == Names{pack_of(second), pack_of(third)});
    CHECK(names_in(staging.partial()).empty());
    CHECK(damage().empty());
}

TEST_CASE_METHOD(ThreeSets, "what is told to be freed is freed, and a dry run tells the same") {
    const auto before = used();
    const auto told = prune({first, second}, true);
    CHECK(used() == before);
    CHECK(staging.list().size() == 3);
    const auto done = prune({first, second});
    CHECK(told.sets == done.sets);
    CHECK(told.packs == done.packs);
    CHECK(told.freed == done.freed);
    CHECK(used() + done.freed == before);
}

TEST_CASE_METHOD(ThreeSets, "while a manifest cannot be read, no pack goes, and that is told") {
    write(staging.set(third) / "manifest.json", "{");
    const auto pruned = prune({first, second});
    CHECK(pruned.sets == Names{first, second});
    CHECK(pruned.packs.empty());
    REQUIRE(pruned.warnings.size() == 1);
    CHECK(pruned.warnings[0].find("no pack is removed") == 0);
    CHECK(names_in(staging.media()).size() == 3);
}

TEST_CASE_METHOD(ThreeSets, "what is no pack of ours stays") {
    write(staging.media() / "README", "not ours");
    write(staging.media() / "holiday.tar", "not ours");
    write(staging.media() / (third + "-0009.tar"), "of a set that is there, but does not name it");
    prune({first, second});
    CHECK(names_in(staging.media()).size() == 5);
}

TEST_CASE_METHOD(ThreeSets, "a set that was pinned after the plan was made stays") {
    store::pin(staging, first);
    const auto pruned = prune({first, second});
    CHECK(pruned.sets == Names{second});
    CHECK(staging.list() == Names{first, third});
    CHECK(damage().empty());
}

TEST_CASE_METHOD(ThreeSets,
                 "a crash at any step leaves whole sets only, and the next prune goes on") {
    for (int step = 1;; ++step) {
        CAPTURE(step);
        fs::remove_all(staging.root());
        staging.prepare();
        const auto one = publish(first);
        const auto two = publish(second, one.media.packs);
        publish(third, {two.media.packs.back()});
        const bool died = dies_at(step, [&] { prune({first, second}); });
        CHECK(damage() == Names{});
        CHECK(staging.latest() == third);

        Names left = staging.list();
        left.pop_back();
        prune(left);
        CHECK(staging.list() == Names{third});
        CHECK(names_in(staging.media()) == Names{pack_of(second), pack_of(third)});
        CHECK(names_in(staging.partial()).empty());
        if (died) continue;
        CHECK(step > 10);
        break;
    }
}

TEST_CASE_METHOD(ThreeSets, "a candidate is good when all that its manifest names is there") {
    CHECK(store::candidates(staging, {})[0].damage.empty());
    fs::resize_file(staging.media() / pack_of(first), 3);
    fs::remove(staging.set(third) / "database.dump.zst");
    const auto sets = store::candidates(staging, {});
    REQUIRE(sets.size() == 3);
    CHECK(sets[0].damage ==
          "its pack '" + pack_of(first) + "' is missing, or has a different size");
    CHECK_FALSE(sets[1].damage.empty());
    CHECK(sets[2].damage == "'database.dump.zst' is missing, or has a different size");
}

TEST_CASE_METHOD(ThreeSets, "a candidate knows its pin, and what it waits for") {
    store::pin(staging, second);
    const auto awaited = [](const std::string& set) { return set == third ? "its copy" : ""; };
    const auto sets = store::candidates(staging, awaited);
    CHECK(sets[1].pinned);
    CHECK_FALSE(sets[0].pinned);
    CHECK(sets[2].awaited == "its copy");
    CHECK(sets[1].awaited.empty());
}
