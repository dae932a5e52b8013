// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <random>

#include "obvious_policy.hpp"
#include "schedule/next_run.hpp"
#include "store/retention/retention.hpp"
#include "support/catch.hpp"
#include "support/time_zone.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using store::Candidate;
using NameSet = std::set<std::string>;

namespace {

constexpr int nights = 3 * 365;

const store::RetentionPolicy policies[] = {
    {},
    {.daily = 7, .weekly = 4, .monthly = 6, .yearly = 2, .minimum = 3},
    {.daily = 0, .weekly = 0, .monthly = 0, .yearly = 0, .minimum = 5},
    {.daily = 1, .weekly = 0, .monthly = 12, .yearly = 0, .minimum = 1},
    {.daily = 2, .weekly = 3, .monthly = 0, .yearly = 5, .minimum = 2, .keep_within = 72h},
};

const char* const zones[] = {"UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia",
                             "Australia/Lord_Howe"};

/// Consecutive days with or without a set, on a host that removes sets by the policy.
class Years {
 public:
    Years(const store::RetentionPolicy& policy, unsigned seed) : policy_(policy), random_(seed) {}

    void make(Candidate set) {
        const auto known = [&](const auto& other) { return other.name == set.name; };
        if (std::none_of(sets_.begin(), sets_.end(), known)) sets_.push_back(set);
        if (std::none_of(ever_.begin(), ever_.end(), known)) ever_.push_back(std::move(set));
    }
    /// Adds a set with this time.
    void make(Timestamp time) { make({to_set_name(time), {}, false, {}}); }

    /// Applies the policy, and compares the plan with the slow algorithm.
    void prune(Timestamp now) {
        const auto plan = store::plan_retention(sets_, policy_, now, &schedule::local_day);
        NameSet kept;
        for (const auto& decision : plan.decisions)
            if (decision.kept) kept.insert(decision.set);
        REQUIRE(kept == obviously_kept(sets_, policy_, now));
        std::erase_if(sets_, [&](const auto& set) { return !kept.contains(set.name); });
    }

    bool one_in(int n) { return std::uniform_int_distribution(1, n)(random_) == 1; }
    Timestamp some_time_after(Timestamp time) {
        return time + std::chrono::seconds(std::uniform_int_distribution(0, 86399)(random_));
    }
    NameSet left() const {
        NameSet names;
        for (const auto& set : sets_) names.insert(set.name);
        return names;
    }
    std::vector<Candidate>& sets() { return sets_; }
    const std::vector<Candidate>& ever() const { return ever_; }

 private:
    const store::RetentionPolicy policy_;
    std::mt19937 random_;
    std::vector<Candidate> sets_;
    std::vector<Candidate> ever_;
};

/// Samoa skipped a day in the middle of these years.
const auto beginning = *parse_iso8601("2010-06-01T00:00:00Z");

}  // namespace

TEST_CASE("what years of pruning leave is what one look at all sets ever made would keep") {
    const auto& policy = policies[GENERATE(0, 1, 2, 3, 4)];
    const auto* zone_name = zones[GENERATE(0, 1, 2, 3, 4)];
    CAPTURE(zone_name, policy.daily, policy.monthly);
    const TimeZone zone(zone_name);
    Years years(policy, 1);
    auto day = beginning;
    for (int night = 0; night < nights; ++night, day += 24h) {
        if (years.one_in(9)) continue;  // the machine was off
        years.make(day + 3h);
        if (years.one_in(20)) years.make(years.some_time_after(day));
        years.prune(day + 24h);
    }
    CHECK(years.left() == obviously_kept(years.ever(), policy, day));
    CHECK(years.left().size() <=
          static_cast<std::size_t>(policy.daily + policy.weekly + policy.monthly + policy.yearly +
                                   policy.minimum + 3));
}

TEST_CASE("on a host where everything goes wrong, every night's plan is the obvious one") {
    const auto& policy = policies[GENERATE(0, 1, 4)];
    const auto* zone_name = zones[GENERATE(1, 2, 3)];
    CAPTURE(zone_name, policy.yearly);
    const TimeZone zone(zone_name);
    Years years(policy, 2);
    auto day = beginning;
    for (int night = 0; night < nights; ++night, day += 24h) {
        auto now = years.some_time_after(day);
        if (years.one_in(60)) now += 24h * 400;  // a clock that is wrong for one day
        if (years.one_in(60)) now -= 24h * 4000;
        Candidate set{to_set_name(now), {}, years.one_in(100), {}};
        if (years.one_in(15)) set.damage = "rotten";
        if (years.one_in(10)) set.awaited = "its copy";
        years.make(set);
        for (auto& other : years.sets())
            if (years.one_in(3)) other.awaited.clear();
        const auto before = years.sets();
        years.prune(now + 5min);

        NameSet good;
        for (const auto& other : before)
            if (other.damage.empty() && *parse_set_name(other.name) <= now + 5min)
                good.insert(other.name);
        const auto left = years.left();
        auto newest = good.rbegin();
        for (int i = 0; i < policy.minimum && newest != good.rend(); ++i, ++newest)
            REQUIRE(left.contains(*newest));
    }
}

TEST_CASE("a year of quiet nights leaves a week, four weeks and six months") {
    const TimeZone zone("Europe/Berlin");
    Years years({}, 3);
    for (auto time = *parse_iso8601("2025-11-22T02:00:00Z");
         to_set_name(time) <= "20261122T020000Z"; time += 24h) {
        years.make(time);
        years.prune(time + 10min);
    }
    CHECK(years.left() == NameSet{"20260630T020000Z", "20260731T020000Z", "20260831T020000Z",
                                  "20260930T020000Z", "20261031T020000Z", "20261101T020000Z",
                                  "20261108T020000Z", "20261115T020000Z", "20261116T020000Z",
                                  "20261117T020000Z", "20261118T020000Z", "20261119T020000Z",
                                  "20261120T020000Z", "20261121T020000Z", "20261122T020000Z"});
}
