// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumps/anchors.hpp"

#include "dump_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::dumps;
using namespace mastobak::test;

namespace {

std::string anchors_of(const std::string& dump) {
    AnchorCollector collector;
    collector.feed(std::as_bytes(std::span(dump)), 0);
    return collector.finish();
}

std::optional<std::int64_t> find(const std::string& stored, const std::string& block) {
    return AnchorIndex(stored).find(std::as_bytes(std::span(block)));
}

}  // namespace

TEST_CASE("a part of a dump is found where it was") {
    const auto dump = table_of(some_rows(0, 100'000));
    const auto stored = anchors_of(dump);
    const auto at = GENERATE(0u, 1000u, 1'000'000u, 5'000'000u);
    CHECK(find(stored, dump.substr(at, 1'000'000)) == static_cast<std::int64_t>(at));
    const auto with_more = "some new line\n" + dump.substr(at, 1'000'000);
    CHECK(find(stored, with_more) == static_cast<std::int64_t>(at) - 14);
}

TEST_CASE("what was not in the dump is not found") {
    const auto stored = anchors_of(table_of(some_rows(0, 10'000)));
    CHECK_FALSE(find(stored, table_of(some_rows(3'000'000, 10'000))));
    CHECK_FALSE(find(stored, ""));
    CHECK_FALSE(find(stored, std::string(100'000, '\n')));
}

TEST_CASE("a line that occurs often says nothing") {
    std::string same;
    for (int i = 0; i < 10'000; ++i) same += "a line that is the same everywhere in this table\n";
    CHECK_FALSE(find(anchors_of(same), same.substr(0, 100'000)));
}

TEST_CASE("the anchors of a large dump are bounded") {
    constexpr std::size_t most = 200;
    const auto dump = table_of(some_rows(0, 100'000));
    AnchorCollector collector(most);
    collector.feed(std::as_bytes(std::span(dump)), 0);
    const auto stored = collector.finish();
    CHECK(stored.size() <= most * 12 + 4);
    CHECK(stored.size() > most * 4);
    CHECK(find(stored, dump.substr(1'000'000, 2'000'000)) == 1'000'000);
}

TEST_CASE("stored anchors that are damaged or hostile are read without harm") {
    auto stored = anchors_of(table_of(some_rows(0, 10'000)));
    const auto block = table_of(some_rows(0, 10'000));
    for (std::size_t size = 0; size < 100; ++size)
        static_cast<void>(find(stored.substr(0, size), block));
    std::fill(stored.begin(), stored.end(), '\xff');
    static_cast<void>(find(stored, block));
}
