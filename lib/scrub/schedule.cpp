// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/schedule.hpp"

#include <algorithm>
#include <utility>

namespace mastobak::scrub {
namespace {

using std::chrono::seconds;

constexpr seconds list_every = std::chrono::hours(24);

Timestamp last_time(const Record& record) {
    return record.read_at.value_or(record.known_since);
}

/// A time in the future counts as long ago, so that a clock that was set back does not delay an
/// object.
std::chrono::nanoseconds since(Timestamp time, Timestamp now) {
    return time > now ? std::chrono::nanoseconds::max() : now - time;
}

bool is_wanted(const Record& record, seconds period, Timestamp now) {
    return !record.read_at || since(*record.read_at, now) >= period / 2;
}

}  // namespace

std::vector<std::string> reading_order(const Ledger& ledger, seconds period, Timestamp now) {
    std::vector<std::pair<Timestamp, const std::string*>> wanted;
    for (const auto& [name, record] : ledger.objects)
        if (is_wanted(record, period, now)) wanted.emplace_back(last_time(record), &name);
    std::ranges::stable_sort(wanted, {}, [](const auto& entry) { return entry.first; });
    std::vector<std::string> names;
    for (const auto& [time, name] : wanted) names.push_back(*name);
    return names;
}

Bytes slice_budget(const Ledger& ledger, seconds period, Timestamp now) {
    double all = 0;
    double urgent = 0;
    for (const auto& [name, record] : ledger.objects) {
        all += static_cast<double>(record.size.count);
        if (since(last_time(record), now) >= period - period / 10)
            urgent += static_cast<double>(record.size.count);
    }
    const auto slices = std::max(1.0, std::chrono::duration<double>(period) * 2 / 3 / slice_every);
    // A manifest may claim any size.
    constexpr double most = 1e18;
    const auto budget = std::min(std::max(all / slices, urgent), most);
    return {static_cast<std::uint64_t>(budget) + 1};
}

bool listing_is_due(const Ledger& ledger, Timestamp now) {
    return !ledger.listed_at || since(*ledger.listed_at, now) >= list_every;
}

bool slice_is_due(const Ledger& ledger, seconds period, Timestamp now) {
    const auto pause = std::min(slice_every, period / 2);
    if (ledger.slice_at && since(*ledger.slice_at, now) < pause) return false;
    if (listing_is_due(ledger, now)) return true;
    return std::ranges::any_of(
        ledger.objects, [&](const auto& object) { return is_wanted(object.second, period, now); });
}

}  // namespace mastobak::scrub
