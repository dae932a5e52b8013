// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/spelling.hpp"

#include <algorithm>

namespace mastobak::config {
namespace {

// Returns the optimal string alignment distance. Keeps only three rows of the table.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    auto best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const auto& candidate : candidates) {
        const auto d = distance(word, candidate);
        // Any two words of three letters are at most three edits apart, so short words need a
        // smaller distance.
        if (d >= best_distance || d >= std::max(word.size(), candidate.size()) - 1) continue;
        best = candidate;
        best_distance = d;
    }
    return best;
}

}  // namespace mastobak::config
