// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/schedule.hpp"

#include <fmt/format.h>

#include <map>
#include <random>
#include <string>

#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::scrub;
using namespace std::chrono_literals;

namespace {

const auto begin = *parse_iso8601("2026-01-01T00:00:00Z");
constexpr std::chrono::seconds period = 24h * 90;

Record object(std::uint64_t size, Timestamp since, std::optional<Timestamp> read_at = {}) {
    Record record{{size}, {{1}}, since};
    record.read_at = read_at;
    return record;
}

/// Reads objects like a slice, in order, until the budget is used up.
void slice(Ledger& ledger, Timestamp now) {
    auto budget = slice_budget(ledger, period, now).count;
    for (const auto& name : reading_order(ledger, period, now)) {
        auto& record = ledger.objects[name];
        if (budget == 0) break;
        record.read_at = now;
        budget -= std::min(budget, record.size.count);
    }
    ledger.slice_at = ledger.listed_at = now;
}

}  // namespace

TEST_CASE("what waits for the longest is read first, and what was read lately is not") {
    Ledger ledger;
    const auto now = begin + period;
    ledger.objects["media/new"] = object(1, now - 1h);
    ledger.objects["media/old"] = object(1, begin, now - 24h * 80);
    ledger.objects["media/never"] = object(1, begin);
    ledger.objects["media/lately"] = object(1, begin, now - 24h * 40);
    CHECK(reading_order(ledger, period, now) ==
          std::vector<std::string>{"media/never", "media/old", "media/new"});
}

TEST_CASE("a slice is due each hour while something is to be read") {
    Ledger ledger;
    CHECK(slice_is_due(ledger, period, begin));  // the objects were never listed
    ledger.listed_at = ledger.slice_at = begin;
    CHECK_FALSE(slice_is_due(ledger, period, begin + 2h));
    ledger.objects["media/a"] = object(1, begin);
    CHECK_FALSE(slice_is_due(ledger, period, begin + 59min));
    CHECK(slice_is_due(ledger, period, begin + 60min));
    ledger.objects["media/a"].read_at = begin;
    CHECK_FALSE(slice_is_due(ledger, period, begin + 2h));
    CHECK(slice_is_due(ledger, period, begin + 24h));
    // A clock that was a year ahead does not delay a slice.
    ledger.slice_at = ledger.listed_at = begin + 24h * 365;
    CHECK(slice_is_due(ledger, period, begin));
}

TEST_CASE("whatever the sizes, each object is read within the period when hours are missed") {
    std::mt19937 random(7);  // the same sequence in each run
    Ledger ledger;
    for (int i = 0; i < 300; ++i)
        ledger.objects[fmt::format("media/{}", i)] =
            object(std::uint64_t{1} << (random() % 31), begin);
    std::uint64_t most = 0;
    for (auto now = begin; now < begin + 24h * 400; now += 1h) {
        // A host that has time in one of three hours, and new packs each day.
        if (random() % 3 != 0) continue;
        if (random() % 24 == 0)
            ledger.objects[fmt::format("media/n{}", now.time_since_epoch().count())] =
                object(std::uint64_t{1} << 28, now);
        most = std::max(most, slice_budget(ledger, period, now).count);
        slice(ledger, now);
        for (const auto& [name, record] : ledger.objects)
            if (now - record.read_at.value_or(record.known_since) > period)
                FAIL(name << " was not read within the period");
    }
    // The work is spread: no hour reads a large part of all bytes.
    const auto all = summarize("", ledger, {}, begin).bytes.count;
    CHECK(most < all / 20);
}

TEST_CASE("all is read at once where the period is as short as a slice, or sizes are absurd") {
    Ledger ledger;
    ledger.objects["media/a"] = object(1000, begin);
    ledger.objects["media/b"] = object(1000, begin);
    CHECK(slice_budget(ledger, 1h, begin).count >= 2000);
    ledger.objects["media/c"] = object(~std::uint64_t{0}, begin);
    CHECK(slice_budget(ledger, 1h, begin).count > std::uint64_t{1} << 50);
}

TEST_CASE(
    "an object that is almost due fits into one slice, so that no restart hinders it for ever") {
    Ledger ledger;
    const auto large = std::uint64_t{100} << 30;
    ledger.objects["sets/x/database.dump.zst"] = object(large, begin);
    CHECK(slice_budget(ledger, period, begin + period / 2).count < large);
    CHECK(slice_budget(ledger, period, begin + period * 91 / 100).count >= large);
}
