// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/repack.hpp"

#include "support/catch.hpp"

using namespace mastobak;
using store::PackReference;
using Names = std::set<std::string>;

namespace {

PackReference pack(const std::string& name, std::uint64_t size, std::uint64_t live) {
    return {name, {size}, {}, live, {live}};
}

constexpr std::uint64_t much = 1'000'000;

}  // namespace

TEST_CASE("packs of which less is needed than the limit says are packed again") {
    const std::vector<PackReference> packs{pack("full", 100, 100), pack("just", 100, 30),
                                           pack("less", 100, 29), pack("empty", 0, 0)};
    CHECK(store::packs_to_repack(packs, {30, {much}, much}) == Names{"less"});
    CHECK(store::packs_to_repack(packs, {90, {much}, much}) == Names{"just", "less"});
    CHECK(store::packs_to_repack(packs, {0, {much}, much}).empty());
    CHECK(store::packs_to_repack({}, {30, {much}, much}).empty());
}

TEST_CASE("a night packs only so much again, and begins with what gives most back") {
    const std::vector<PackReference> packs{pack("a", 100, 20), pack("b", 100, 5),
                                           pack("c", 1000, 250), pack("d", 100, 10)};
    CHECK(store::packs_to_repack(packs, {30, {34}, much}) == Names{"b", "d"});
    CHECK(store::packs_to_repack(packs, {30, {much}, 35}) == Names{"a", "b", "d"});
    CHECK(store::packs_to_repack(packs, {30, {4}, much}).empty());
}
