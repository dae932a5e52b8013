// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention/retention.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <tuple>

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/retention/usage.hpp"

namespace mastobak::store {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::local_days;
using std::chrono::year_month_day;

constexpr auto correction = 1min;  ///< a clock correction up to this size does not count as a jump

std::int64_t day_of(local_days day) {
    return day.time_since_epoch().count();
}

/// Weeks begin on Monday, as in ISO 8601; 1970-01-01 was a Thursday.
std::int64_t week_of(local_days day) {
    constexpr std::int64_t from_monday = 3;
    const auto shifted = day_of(day) + from_monday;
    return shifted >= 0 ? shifted / 7 : (shifted - 6) / 7;
}

std::int64_t month_of(local_days day) {
    const year_month_day date(day);
    return int(date.year()) * 12 + unsigned(date.month());
}

std::int64_t year_of(local_days day) {
    return int(year_month_day(day).year());
}

/// A rule such as "daily", with the periods of which it keeps a set.
class Rule {
 public:
    Rule(const char* name, int count, std::int64_t (*period)(local_days))
        : name_(name), count_(count), period_(period) {}

    /// Returns whether the rule keeps this set. Has to be called for all newer sets first.
    bool takes(local_days day) {
        if (taken() == count_) return false;
        // The rule records all periods, not only the last one, because a date comes twice when the
        // clock is put back over midnight.
        return periods_.insert(period_(day)).second;
    }
    bool is_on() const { return count_ > 0; }
    std::string limit() const { return fmt::format("{} {}", name_, count_); }
    std::string place() const { return fmt::format("{} {} of {}", name_, taken(), count_); }

 private:
    int taken() const { return static_cast<int>(periods_.size()); }

    const char* name_;
    int count_;
    std::int64_t (*period_)(local_days);
    std::set<std::int64_t> periods_;
};

/// Applies the policy to good sets, which come newest first.
class Judge {
 public:
    Judge(const RetentionPolicy& policy, const LocalDay& local_day)
        : policy_(policy),
          local_day_(local_day),
          rules_{{{"daily", policy.daily, day_of},
                  {"weekly", policy.weekly, week_of},
                  {"monthly", policy.monthly, month_of},
                  {"yearly", policy.yearly, year_of}}} {}

    /// Returns why the set is kept; empty when the policy does not keep it.
    std::vector<std::string> reasons(Timestamp time) {
        std::vector<std::string> reasons;
        if (++seen_ == 1) {
            reasons.emplace_back("newest");
            newest_ = time;
        }
        if (seen_ <= policy_.minimum)
            reasons.push_back(fmt::format("minimum {} of {}", seen_, policy_.minimum));
        if (newest_ - time < policy_.keep_within)
            reasons.push_back(
                fmt::format("less than {} before the newest", to_text(policy_.keep_within)));
        const auto day = local_day_(time);
        for (auto& rule : rules_)
            if (rule.takes(day)) reasons.push_back(rule.place());
        return reasons;
    }

    /// Returns why any other set is removed.
    std::string why_not() const {
        std::vector<std::string> limits;
        for (const auto& rule : rules_)
            if (rule.is_on()) limits.push_back(rule.limit());
        limits.push_back(fmt::format("minimum {}", policy_.minimum));
        return fmt::format("newer sets fill {}", fmt::join(limits, ", "));
    }

 private:
    const RetentionPolicy& policy_;
    const LocalDay& local_day_;
    std::array<Rule, 4> rules_;
    Timestamp newest_{};
    int seen_ = 0;
};

/// Returns one warning for all sets.
/// \param sets newest first
std::string warning_of(const std::vector<std::string>& sets) {
    constexpr std::size_t most = 5;
    const auto shown = std::min(most, sets.size());
    return fmt::format(
        "{} not known to be of this host, so kept, but not counted: '{}'{}; hint: remove what "
        "you do not need by hand; 'signing.pub' of another host in 'trusted/' of the state "
        "directory makes its sets count",
        counted(sets.size(), "set is", "sets are"),
        fmt::join(sets.begin(), sets.begin() + static_cast<std::ptrdiff_t>(shown), "', '"),
        sets.size() > most ? ", …" : "");
}

Timestamp time_of(const Candidate& set) {
    const auto time = parse_set_name(set.name);
    if (!time) throw Error(Errc::internal, fmt::format("'{}' is not a set name", set.name));
    return *time;
}

/// In percent of the live bytes. The project's bar is a half; the difference is for members that
/// are in two packs for some days.
constexpr std::uint64_t most_dead = 33;
/// A tar ends with two blocks of zeros, which every pack has and no set needs.
constexpr std::uint64_t archive_end = 1024;

struct Pack {
    std::string name;
    std::uint64_t entries = 0;
    std::uint64_t needed = 0;  ///< bytes that the newest set needs
    std::uint64_t dead = 0;    ///< bytes that no set needs
    double share = 0;          ///< part of the pack that the newest set needs, from 0 to 1
};

}  // namespace

std::vector<std::string> RetentionPlan::to_remove() const {
    std::vector<std::string> names;
    for (const auto& decision : decisions)
        if (!decision.kept) names.push_back(decision.set);
    return names;
}

RetentionPlan plan_retention(std::vector<Candidate> sets, const RetentionPolicy& policy,
                             Timestamp now, const LocalDay& local_day) {
    std::ranges::sort(sets, std::ranges::greater(), &Candidate::name);
    RetentionPlan plan;
    Judge judge(policy, local_day);
    std::vector<std::string> foreign;
    for (const auto& set : sets) {
        const auto time = time_of(set);
        std::vector<std::string> reasons;
        if (!set.foreign.empty()) {
            reasons.push_back(fmt::format("not ours: {}", set.foreign));
            foreign.push_back(set.name);
        }
        if (reasons.empty() && time > now + correction) {
            reasons.emplace_back("dated in the future");
            plan.warnings.push_back(fmt::format(
                "the set '{}' is dated in the future; it is kept, but does not count; hint: "
                "has the clock been wrong?",
                set.name));
        }
        if (set.foreign.empty() && !set.damage.empty()) {
            reasons.emplace_back("damaged");
            plan.warnings.push_back(
                fmt::format("the set '{}' is damaged, so it is kept until you remove it, but does "
                            "not count: {}",
                            set.name, set.damage));
        }
        if (reasons.empty()) reasons = judge.reasons(time);
        if (set.pinned) reasons.emplace_back("pinned");
        if (!set.awaited.empty()) reasons.push_back(fmt::format("waits for {}", set.awaited));
        const bool kept = !reasons.empty();
        plan.decisions.push_back(
            {set.name, kept, kept ? fmt::format("{}", fmt::join(reasons, ", ")) : judge.why_not()});
    }
    std::reverse(plan.decisions.begin(), plan.decisions.end());
    std::reverse(plan.warnings.begin(), plan.warnings.end());
    if (!foreign.empty()) plan.warnings.push_back(warning_of(foreign));
    return plan;
}

std::set<std::string> packs_to_repack(const std::vector<Manifest>& manifests,
                                      const RepackLimits& limits) {
    std::set<std::string> chosen;
    if (manifests.empty() || limits.below == 0) return chosen;
    const auto lives = life_of_packs(manifests);
    std::uint64_t live = 0;
    for (const auto& [name, life] : lives) live += life.live.count;

    // Packs that only older sets need disappear with these sets; repacking cannot free their bytes.
    std::vector<Pack> packs;
    std::uint64_t dead = 0;
    for (const auto& reference : manifests.back().media.packs) {
        const auto& life = lives.at(reference.name);
        if (life.size.count <= archive_end) continue;
        const auto size = life.size.count - archive_end;
        packs.push_back({reference.name, reference.entries, life.newest.count,
                         size - std::min(size, life.live.count),
                         static_cast<double>(life.newest.count) / static_cast<double>(size)});
        dead += packs.back().dead;
    }
    std::ranges::sort(packs, {}, [](const Pack& pack) { return std::tie(pack.share, pack.name); });

    std::uint64_t bytes = 0;
    std::uint64_t members = 0;
    for (const auto& pack : packs) {
        const bool crowded = dead * 100 > live * most_dead;
        if (pack.share * 100 >= limits.below && !crowded) break;
        if (bytes + pack.needed > limits.bytes.count || members + pack.entries > limits.members)
            continue;
        bytes += pack.needed;
        members += pack.entries;
        dead -= pack.dead;
        chosen.insert(pack.name);
    }
    return chosen;
}

}  // namespace mastobak::store
