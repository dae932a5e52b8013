// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/next_run.hpp"
#include "store/retention/retention.hpp"
#include "support/catch.hpp"
#include "support/time_zone.hpp"

using namespace mastobak;
using namespace std::chrono_literals;
using store::Candidate;
using test::TimeZone;
using Names = std::vector<std::string>;

namespace {

const auto now = *parse_iso8601("2026-11-22T04:00:00Z");

/// Returns a policy with only these numbers.
store::RetentionPolicy only(int daily, int weekly = 0, int monthly = 0, int yearly = 0) {
    return {.daily = daily, .weekly = weekly, .monthly = monthly, .yearly = yearly, .minimum = 1};
}

std::vector<Candidate> good(const Names& names) {
    std::vector<Candidate> sets;
    for (const auto& name : names) sets.push_back({name, {}, false, {}});
    return sets;
}

store::RetentionPlan plan(std::vector<Candidate> sets, const store::RetentionPolicy& policy,
                          Timestamp at = now) {
    return store::plan_retention(std::move(sets), policy, at, &schedule::local_day);
}

Names kept(const Names& names, const store::RetentionPolicy& policy, Timestamp at = now) {
    Names kept;
    for (const auto& decision : plan(good(names), policy, at).decisions)
        if (decision.kept) kept.push_back(decision.set);
    return kept;
}

std::string why(const store::RetentionPlan& plan, const std::string& set) {
    for (const auto& decision : plan.decisions)
        if (decision.set == set) return (decision.kept ? "kept: " : "goes: ") + decision.why;
    return "not there";
}

}  // namespace

TEST_CASE("the newest set of each day that has one is kept, however long ago that is") {
    const TimeZone zone("UTC");
    CHECK(kept({"20260101T030000Z", "20260601T030000Z", "20261120T030000Z", "20261121T030000Z",
                "20261121T150000Z", "20261122T030000Z"},
               only(4)) ==
          Names{"20260601T030000Z", "20261120T030000Z", "20261121T150000Z", "20261122T030000Z"});
}

TEST_CASE("a week begins on Monday, also across the end of a year") {
    const TimeZone zone("UTC");
    // 2027-01-01 is a Friday: the week of Monday 2026-12-28 ends on 2027-01-03.
    const auto at = *parse_iso8601("2027-01-10T04:00:00Z");
    CHECK(kept({"20261227T030000Z", "20261228T030000Z", "20261231T030000Z", "20270101T030000Z",
                "20270103T030000Z", "20270104T030000Z"},
               only(0, 3),
               at) == Names{"20261227T030000Z", "20270103T030000Z", "20270104T030000Z"});
}

TEST_CASE("months and years are those of the calendar") {
    const TimeZone zone("UTC");
    const Names sets{"20241231T030000Z", "20250101T030000Z", "20251231T235959Z",
                     "20261031T030000Z", "20261101T030000Z", "20261122T030000Z"};
    CHECK(kept(sets, only(0, 0, 2)) == Names{"20261031T030000Z", "20261122T030000Z"});
    CHECK(kept(sets, only(0, 0, 0, 3)) ==
          Names{"20241231T030000Z", "20251231T235959Z", "20261122T030000Z"});
}

TEST_CASE("days are those of the clock on the wall") {
    const Names sets{"20261120T230000Z", "20261121T110000Z", "20261121T230000Z"};
    {
        const TimeZone zone("UTC");
        CHECK(kept(sets, only(2)) == Names{"20261120T230000Z", "20261121T230000Z"});
    }
    const TimeZone zone("Europe/Berlin");
    CHECK(kept(sets, only(2)) == Names{"20261121T110000Z", "20261121T230000Z"});
}

TEST_CASE("a day that the clock shows twice counts once") {
    // St. John's put its clocks back at 00:01: Sunday began, then it was Saturday again, then
    // Sunday.
    const TimeZone zone("America/St_Johns");
    const Names sets{"20051029T120000Z", "20051030T023030Z", "20051030T030000Z",
                     "20051030T040000Z"};
    CHECK(kept(sets, only(2)) == Names{"20051030T030000Z", "20051030T040000Z"});
}

TEST_CASE("each rule counts by itself, and says which place a set takes") {
    const TimeZone zone("UTC");
    const auto result = plan(good({"20261018T030000Z", "20261031T030000Z", "20261115T030000Z",
                                   "20261121T030000Z", "20261122T030000Z"}),
                             {.daily = 2, .weekly = 2, .monthly = 2, .yearly = 0, .minimum = 3});
    CHECK(why(result, "20261122T030000Z") ==
          "kept: newest, minimum 1 of 3, daily 1 of 2, weekly 1 of 2, monthly 1 of 2");
    CHECK(why(result, "20261121T030000Z") == "kept: minimum 2 of 3, daily 2 of 2");
    CHECK(why(result, "20261115T030000Z") == "kept: minimum 3 of 3, weekly 2 of 2");
    CHECK(why(result, "20261031T030000Z") == "kept: monthly 2 of 2");
    CHECK(why(result, "20261018T030000Z") ==
          "goes: newer sets fill daily 2, weekly 2, monthly 2, minimum 3");
    CHECK(result.to_remove() == Names{"20261018T030000Z"});
    CHECK(result.warnings.empty());
}

TEST_CASE("the newest good set and the minimum stay when no rule keeps anything") {
    const Names sets{"20200101T000000Z", "20200102T000000Z", "20200102T000001Z"};
    CHECK(kept(sets, only(0)) == Names{"20200102T000001Z"});
    auto policy = only(0);
    policy.minimum = 2;
    CHECK(kept(sets, policy) == Names{"20200102T000000Z", "20200102T000001Z"});
    policy.minimum = 10;
    CHECK(kept(sets, policy) == sets);
    policy.minimum = 0;
    CHECK(kept(sets, policy) == Names{"20200102T000001Z"});
    CHECK(kept({}, policy).empty());
}

TEST_CASE("a clock that is years ahead removes nothing that a right one would not") {
    const Names sets{"20260922T030000Z", "20261020T030000Z", "20261121T030000Z",
                     "20261122T030000Z"};
    CHECK(kept(sets, {}, now + 24h * 3650) == kept(sets, {}));
}

TEST_CASE("sets that are dated in the future are told and kept, and take nobody's place") {
    const TimeZone zone("UTC");
    const auto result = plan(good({"20261120T030000Z", "20261121T030000Z", "20261122T030000Z",
                                   "20310101T000000Z", "20310102T000000Z"}),
                             only(2));
    CHECK(result.to_remove() == Names{"20261120T030000Z"});
    CHECK(why(result, "20310102T000000Z") == "kept: dated in the future");
    REQUIRE(result.warnings.size() == 2);
    CHECK(result.warnings[0].find("'20310101T000000Z' is dated in the future") !=
          std::string::npos);
}

TEST_CASE("a clock that was put back makes all sets those of the future, and nothing goes") {
    const Names sets{"20261120T030000Z", "20261121T030000Z", "20261122T030000Z"};
    CHECK(kept(sets, only(1), *parse_iso8601("2020-01-01T00:00:00Z")) == sets);
}

TEST_CASE("the correction of a clock by seconds is no future") {
    const auto result = plan(good({"20261121T040000Z", "20261122T040030Z"}), only(1));
    CHECK(result.warnings.empty());
    CHECK(result.to_remove() == Names{"20261121T040000Z"});
}

TEST_CASE("a damaged set is told and kept, and takes nobody's place") {
    auto sets = good({"20261120T030000Z", "20261121T030000Z", "20261122T030000Z"});
    sets.back().damage = "no pack";
    const auto result = plan(sets, only(1));
    CHECK(why(result, "20261122T030000Z") == "kept: damaged");
    CHECK(why(result, "20261121T030000Z") == "kept: newest, minimum 1 of 1, daily 1 of 1");
    CHECK(result.to_remove() == Names{"20261120T030000Z"});
    CHECK(result.warnings.size() == 1);
}

TEST_CASE("a set that is pinned, or awaited off-site, stays and counts like any other") {
    const TimeZone zone("UTC");
    auto sets =
        good({"20261101T030000Z", "20261102T030000Z", "20261121T030000Z", "20261122T030000Z"});
    sets[0].pinned = true;
    sets[1].awaited = "its copy to 'b2'";
    const auto result = plan(sets, only(1));
    CHECK(why(result, "20261101T030000Z") == "kept: pinned");
    CHECK(why(result, "20261102T030000Z") == "kept: waits for its copy to 'b2'");
    CHECK(result.to_remove() == Names{"20261121T030000Z"});
}

TEST_CASE("all sets within keep_within of the newest are kept, whatever the clock shows") {
    auto policy = only(1);
    policy.keep_within = 36h;
    const auto sets = good({"20261120T145959Z", "20261120T150001Z", "20261122T030000Z"});
    const auto result = plan(sets, policy);
    CHECK(result.to_remove() == Names{"20261120T145959Z"});
    CHECK(why(result, "20261120T150001Z") == "kept: less than 1 d 12 h before the newest");
    const auto a_year_later = *parse_iso8601("2027-11-22T12:00:00Z");
    CHECK(plan(sets, policy, a_year_later).to_remove() == Names{"20261120T145959Z"});
}

TEST_CASE("the order in which sets are told does not matter") {
    CHECK(kept({"20261122T030000Z", "20261120T030000Z", "20261121T030000Z"}, only(2)) ==
          Names{"20261121T030000Z", "20261122T030000Z"});
}
