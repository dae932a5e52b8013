// SPDX-License-Identifier: GPL-3.0-or-later
#include "obvious_policy.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <map>

namespace mastobak::test {
namespace {

std::string period(const std::string& set, const char* format) {
    const auto time = std::chrono::floor<std::chrono::seconds>(*parse_set_name(set));
    const std::time_t seconds = time.time_since_epoch().count();
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format, &local)};
}

void take(std::set<std::string>& kept, const std::vector<std::string>& good, const char* format,
          int count) {
    std::map<std::string, std::string> newest;
    for (const auto& set : good) {
        auto& known = newest[period(set, format)];
        known = std::max(known, set);
    }
    for (auto it = newest.rbegin(); it != newest.rend() && count > 0; ++it, --count)
        kept.insert(it->second);
}

}  // namespace

std::set<std::string> obviously_kept(const std::vector<store::Candidate>& sets,
                                     const store::RetentionPolicy& policy, Timestamp now) {
    std::set<std::string> kept;
    std::vector<std::string> good;
    for (const auto& set : sets) {
        const bool future = *parse_set_name(set.name) > now + std::chrono::minutes(1);
        const bool counts = set.damage.empty() && !future;
        if (counts) good.push_back(set.name);
        if (!counts || set.pinned || !set.awaited.empty()) kept.insert(set.name);
    }
    std::sort(good.begin(), good.end());
    take(kept, good, "%Y-%m-%d", policy.daily);
    take(kept, good, "%G-%V", policy.weekly);
    take(kept, good, "%Y-%m", policy.monthly);
    take(kept, good, "%Y", policy.yearly);
    const auto last = std::max(policy.minimum, 1);
    for (std::size_t i = 0; i < good.size(); ++i)
        if (good.size() - i <= static_cast<std::size_t>(last) ||
            *parse_set_name(good.back()) - *parse_set_name(good[i]) < policy.keep_within)
            kept.insert(good[i]);
    return kept;
}

}  // namespace mastobak::test
