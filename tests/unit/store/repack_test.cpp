// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention/retention.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using store::PackReference;
using store::packs_to_repack;
using NameSet = std::set<std::string>;

namespace {

PackReference pack(const std::string& name, std::uint64_t size, std::uint64_t live) {
    constexpr std::uint64_t end = 1024;  // the end of a tar
    return {name, {size + end}, {}, live, {live}};
}

store::Manifest set_of(std::vector<PackReference> packs) {
    store::Manifest manifest;
    manifest.media.packs = std::move(packs);
    return manifest;
}

constexpr std::uint64_t much = 1'000'000;
const PackReference full = pack("full", 10'000, 10'000);

}  // namespace

TEST_CASE("packs of which the newest set needs less than the limit says are packed again") {
    const std::vector<store::Manifest> sets{
        set_of({full, pack("less", 100, 90)}),
        set_of({full, pack("just", 100, 30), pack("less", 100, 29), pack("none", 0, 0)})};
    CHECK(packs_to_repack(sets, {30, {much}, much}) == NameSet{"less"});
    CHECK(packs_to_repack(sets, {90, {much}, much}) == NameSet{"just", "less"});
    CHECK(packs_to_repack(sets, {0, {much}, much}).empty());
    CHECK(packs_to_repack({}, {30, {much}, much}).empty());
}

TEST_CASE("a night packs only so much again, and begins with what gives most back") {
    const std::vector<store::Manifest> sets{set_of(
        {full, pack("a", 100, 20), pack("b", 100, 5), pack("c", 1000, 250), pack("d", 100, 10)})};
    CHECK(packs_to_repack(sets, {30, {34}, much}) == NameSet{"b", "d"});
    CHECK(packs_to_repack(sets, {30, {much}, 35}) == NameSet{"a", "b", "d"});
    CHECK(packs_to_repack(sets, {30, {4}, much}).empty());
}

TEST_CASE("where too much is dead in all, further packs follow, the poorest first") {
    const auto half = set_of({pack("a", 100, 50), pack("b", 100, 60), pack("c", 100, 70)});
    CHECK(packs_to_repack({half}, {30, {much}, much}) == NameSet{"a", "b"});
    CHECK(packs_to_repack({half}, {0, {much}, much}).empty());
    // The end of a small pack does not count as dead.
    CHECK(packs_to_repack({set_of({pack("a", 100, 100)})}, {30, {much}, much}).empty());
    // Members that an older set needs are not dead, and a pack that only it needs does not matter.
    const auto older = set_of({pack("a", 100, 90), pack("b", 100, 80), pack("old", 100, 5)});
    CHECK(packs_to_repack({older, half}, {30, {much}, much}).empty());
}
