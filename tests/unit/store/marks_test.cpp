// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/marks.hpp"

#include "core/error.hpp"
#include "store/retention/candidates.hpp"
#include "store/retention/prune.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"
#include "support/store_fixture.hpp"
#include "unit/store/three_sets.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using NameSet = std::set<std::string>;

}  // namespace

TEST_CASE_METHOD(StoreFixture, "a pin stays until it is released, and a release is remembered") {
    CHECK(store::pinned_sets(staging).empty());
    store::pin(staging, first);
    store::pin(staging, second);
    store::pin(staging, second);
    CHECK(store::pinned_sets(staging) == NameSet{first, second});
    CHECK(store::released_sets(staging).empty());
    store::release(staging, first);
    CHECK(store::pinned_sets(staging) == NameSet{second});
    CHECK(store::released_sets(staging) == NameSet{first});
    store::pin(staging, first);
    CHECK(store::pinned_sets(staging) == NameSet{first, second});
    CHECK(store::released_sets(staging).empty());
}

TEST_CASE_METHOD(StoreFixture, "only a set can be pinned") {
    for (const auto* name : {"", "..", "../sets/x", "latest", "20261120T030000Z.released"}) {
        CHECK_THROWS_AS(store::pin(staging, name), Error);
        CHECK_THROWS_AS(store::release(staging, name), Error);
    }
    CHECK(store::pinned_sets(staging).empty());
}

TEST_CASE_METHOD(StoreFixture,
                 "pins do not depend on anything but staging, and do not change a set") {
    publish(first);
    store::pin(staging, first);
    CHECK(store::verify(staging, first, {}, {}).problems.empty());
    CHECK(read(store::pin_file(staging, first)) == first + "\n");
    CHECK(staging.clean().empty());
    CHECK(store::pinned_sets(store::Staging(staging.root())) == NameSet{first});
}

TEST_CASE_METHOD(StoreFixture,
                 "a set that a verification found damaged is no good one until it is") {
    publish(first);
    const auto pack = staging.media() / (first + "-0001.tar");
    const auto contents = read(pack);
    write(pack, std::string(contents.size(), 'x'));
    CHECK(store::candidates(staging, {}).at(0).damage.empty());
    store::note_verified(staging, store::verify(staging, first, {}, {}));
    CHECK(store::candidates(staging, {}).at(0).damage.find("its contents changed") !=
          std::string::npos);
    write(pack, contents);
    store::note_verified(staging, store::verify(staging, first, {}, {}));
    CHECK(store::candidates(staging, {}).at(0).damage.empty());
    CHECK(store::damaged_sets(staging).empty());
}

TEST_CASE_METHOD(StoreFixture, "the damage of a set that is gone is forgotten, and no other") {
    for (const auto& set : {first, second}) {
        publish(set);
        write(staging.media() / (set + "-0001.tar"), "damaged");
        store::note_verified(staging, store::verify(staging, set, {}, {}));
    }
    CHECK(store::damaged_sets(staging).size() == 2);
    fs::remove_all(staging.set(first));
    staging.clean();
    const auto damaged = store::damaged_sets(staging);
    CHECK(damaged.size() == 1);
    CHECK(damaged.contains(second));
}
