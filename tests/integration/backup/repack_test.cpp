// SPDX-License-Identifier: GPL-3.0-or-later
//
// Backups that repack the live members of packs with few of them.
#include <algorithm>

#include "media_nights.hpp"
#include "store/retention/prune.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using test::MediaNights;
namespace fs = std::filesystem;

namespace {

/// Backs up twenty files, of which only three are left then. 15 % of their pack is live.
struct PoorPack : MediaNights {
    PoorPack() {
        for (int i = 0; i < 20; ++i) add("d/" + std::to_string(i), std::string(5000, 'x'));
        night();
        first_pack = manifest.media.packs.at(0).name;
        for (int i = 3; i < 20; ++i) fs::remove(root / ("d/" + std::to_string(i)));
        add("d/new", "1");
        night();
        CHECK(needs_first_pack());  // the next run repacks it
    }

    bool needs_first_pack() const {
        const auto& packs = manifest.media.packs;
        return std::any_of(packs.begin(), packs.end(),
                           [&](const auto& pack) { return pack.name == first_pack; });
    }

    std::string first_pack;
};

}  // namespace

TEST_CASE_METHOD(PoorPack,
                 "the night after does without a pack of little use, which goes with the "
                 "sets before it") {
    const bool with_journal = GENERATE(true, false);
    if (!with_journal) journal.reset();
    add("d/1", "changed");
    night({.before_freeze = [&] { add("d/2", "changed in the freeze"); }});
    CHECK_FALSE(needs_first_pack());
    CHECK(noted("packed again"));
    CHECK(files() == tree());
    CHECK(damage().empty());

    const store::Staging staging(config.staging.path);
    const auto sets = staging.list();
    CHECK(store::prune(staging, {sets.at(0)}, false, {}).packs.empty());
    CHECK(store::prune(staging, {sets.at(1)}, false, {}).packs.size() >= 1);
    CHECK_FALSE(fs::exists(staging.media() / first_pack));
    CHECK(files() == tree());
    CHECK(damage().empty());
    night();
    CHECK(files() == tree());
}

TEST_CASE_METHOD(PoorPack, "a night that fails after it packed again has changed nothing") {
    night({.fails = true});
    CHECK(damage().empty());
    night();
    CHECK(files() == tree());
    CHECK(damage().empty());
    night();  // the packs of the failed run were dropped
    CHECK_FALSE(needs_first_pack());
    CHECK(files() == tree());
    CHECK(damage().empty());
}

TEST_CASE_METHOD(PoorPack, "without repack_below, packs are left as they are") {
    config.media.repack_below = 0;
    night();
    CHECK(needs_first_pack());
    CHECK(files() == tree());
}
