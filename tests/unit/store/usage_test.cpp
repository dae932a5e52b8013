// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention/usage.hpp"

#include "support/catch.hpp"
#include "support/store_fixture.hpp"
#include "unit/store/three_sets.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

store::PackReference used(store::PackReference pack, std::uint64_t live) {
    pack.live = Bytes{live};
    return pack;
}

Bytes bytes_below(const fs::path& directory) {
    Bytes sum;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        if (entry.is_regular_file()) sum += Bytes{entry.file_size()};
    return sum;
}

/// Returns the size of the files that a manifest cannot list.
Bytes descriptions(const store::Staging& staging) {
    Bytes sum;
    for (const auto& set : staging.list())
        for (const auto* name : {"manifest.json", "SHA256SUMS"})
            sum += Bytes{fs::file_size(staging.set(set) / name)};
    return sum;
}

}  // namespace

TEST_CASE_METHOD(StoreFixture, "live is what the set that needs most of a pack needs of it") {
    const auto pack = publish(first).media.packs.at(0);
    const auto dying = publish(second, {used(pack, 5)});
    const auto last = publish(third, {used(pack, 2), dying.media.packs.at(1)});
    const auto packs = store::life_of_packs({dying, last});
    REQUIRE(packs.contains(pack.name));
    CHECK(packs.at(pack.name).size == pack.size);
    CHECK(packs.at(pack.name).live == Bytes{5});
    CHECK(packs.at(pack.name).newest == Bytes{2});
    CHECK(packs.at(dying.media.packs.at(1).name).newest == dying.media.packs.at(1).size);
}

TEST_CASE_METHOD(StoreFixture, "live and dead together are what is in sets and packs") {
    const auto pack = publish(first).media.packs.at(0);
    publish(second, {used(pack, 5)});
    const auto all = store::measure(staging);
    CHECK(all.sets == 2);
    CHECK(all.dead == Bytes{});
    CHECK(all.live + descriptions(staging) == bytes_below(staging.root()));

    // The first set, and all but five bytes of its pack, are no longer needed.
    fs::remove_all(staging.set(first));
    write(staging.media() / "20261119T030000Z-0001.tar", "0123456789");
    const auto usage = store::measure(staging);
    CHECK(usage.sets == 1);
    CHECK(usage.dead == Bytes{pack.size.count - 5 + 10});
    CHECK(usage.live + usage.dead + descriptions(staging) == bytes_below(staging.root()));
}

TEST_CASE_METHOD(StoreFixture, "the next night is guessed from nights that were not the first") {
    CHECK(store::measure(staging).next.bytes == Bytes{});
    const auto one = publish(first);
    auto next = store::measure(staging).next;
    CHECK(next.nights == 0);
    CHECK(next.bytes + one.media.packs.at(0).size == store::own_bytes(one));

    const auto two = publish(second, one.media.packs);
    publish(third, two.media.packs);
    next = store::measure(staging).next;
    CHECK(next.nights == 2);
    CHECK(next.bytes >= store::own_bytes(two));
}

TEST_CASE_METHOD(StoreFixture, "a set whose manifest cannot be read is named, not counted") {
    publish(first);
    write(staging.set(first) / "manifest.json", "?");
    const auto usage = store::measure(staging);
    CHECK(usage.sets == 1);
    CHECK(usage.unreadable == std::vector<std::string>{first});
}
