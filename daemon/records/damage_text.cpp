// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/damage_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/readable.hpp"

namespace mastobak::daemon {
namespace {

/// The largest number of names in a line; --json has all known ones.
constexpr std::size_t most_named = 5;

std::string some_of(const std::vector<std::string>& names, std::uint64_t count) {
    const auto told = std::min(names.size(), most_named);
    auto text =
        fmt::format("{}", fmt::join(names.begin(), names.begin() + std::ptrdiff_t(told), ", "));
    if (count > told) text += fmt::format(", and {} more", count - told);
    return text;
}

}  // namespace

std::string damage_text(const std::string& object, const scrub::Damage& damage) {
    auto text = fmt::format("'{}' is damaged: {}", object, damage.problem);
    if (damage.member_count > 0)
        text += fmt::format("; {}: {}", counted(damage.member_count, "file"),
                            some_of(damage.members, damage.member_count));
    if (!damage.sets.empty())
        text += fmt::format("; used by {}: {}", counted(damage.sets.size(), "set"),
                            some_of(damage.sets, damage.sets.size()));
    return text + (damage.good_copy.empty()
                       ? "; no intact copy is known"
                       : fmt::format("; an intact copy is at {}", damage.good_copy));
}

}  // namespace mastobak::daemon
