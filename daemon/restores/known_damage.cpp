// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restores/known_damage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "daemon/records/drill_record.hpp"
#include "daemon/records/health.hpp"
#include "scrub/damage.hpp"

namespace mastobak::daemon {
namespace {

std::string remedy(const scrub::Damage& damage) {
    return damage.good_copy.empty()
               ? "no intact copy is known"
               : "an intact copy is at " + damage.good_copy + ", mastobak repair heals it";
}

bool is_of(const scrub::Damage& damage, const std::string& set) {
    return std::ranges::find(damage.sets, set) != damage.sets.end();
}

/// Returns whether describe_damage() has checked each member of the pack that this set uses.
bool was_checked(const scrub::Damage& damage, const std::string& set) {
    const auto newer =
        std::ranges::count_if(damage.sets, [&](const auto& other) { return other > set; });
    return static_cast<std::size_t>(newer) < scrub::most_indexes;
}

}  // namespace

KnownDamage::KnownDamage(const config::Config& config, const std::string& source,
                         const std::string& set) {
    const auto look = [&](const std::string& place) {
        for (auto& [object, record] : scrub::read_ledger(config.state_directory, place).objects) {
            if (!record.damage || !is_of(*record.damage, set)) continue;
            objects_.emplace(object, *record.damage);
            constexpr std::string_view media = "media/";
            if (!object.starts_with(media)) continue;
            const auto& damage = *record.damage;
            const bool all_known = damage.member_count > 0 &&
                                   damage.members.size() == damage.member_count &&
                                   was_checked(damage, set);
            packs_.emplace(object.substr(media.size()),
                           Pack{damage, {damage.members.begin(), damage.members.end()}, all_known});
        }
    };
    if (source == fmt::format("'{}'", config.staging.path.native()))
        look(std::string(scrub::staging_place));
    for (const auto& remote : config.offsite)
        if (source == scrub::title_of(remote.name)) look(remote.name);
    const auto drill = drill_of(config.state_directory, set);
    if (!drill || !drill->made() || drill->proven()) return;
    for (const auto& check : drill->report.checks)
        if (check.verdict == postgres::Verdict::bad)
            for (const auto& problem : check.problems)
                drilled_.push_back(fmt::format("the drill of {} on {} found: {}",
                                               drill->report.source,
                                               to_local_text(drill->report.started_at), problem));
}

std::vector<std::string> KnownDamage::lines(std::size_t most) const {
    std::vector<std::string> lines;
    for (const auto& [object, damage] : objects_)
        lines.push_back(fmt::format(
            "{} (found {}){}", damage_text(object, damage), to_local_text(damage.found_at),
            damage.good_copy.empty() ? ": mastobak repair --plan looks for one"
                                     : "; mastobak repair heals it"));
    std::vector<std::string> each;
    for (const auto& [name, pack] : packs_)
        for (const auto& member : pack.members)
            each.push_back(fmt::format("damaged: '{}': {}", member, remedy(pack.damage)));
    each.insert(each.end(), drilled_.begin(), drilled_.end());
    const auto told = std::min(each.size(), most);
    lines.insert(lines.end(), each.begin(), each.begin() + static_cast<std::ptrdiff_t>(told));
    if (each.size() > told && most > 0)
        lines.push_back(
            fmt::format("and {} more; mastobak browse marks each damaged file, and mastobak show "
                        "lists what the drill found",
                        each.size() - told));
    return lines;
}

std::string KnownDamage::of(const media::Entry& entry) const {
    const auto found = packs_.find(entry.pack);
    if (found == packs_.end() || entry.type == media::EntryType::directory) return {};
    const auto& [damage, members, all_known] = found->second;
    const auto name = readable(entry.path).substr(0, scrub::longest_text);
    if (members.contains(name) || damage.problem == "it is missing")
        return fmt::format("DAMAGED: its pack: {}; {}", damage.problem, remedy(damage));
    if (all_known) return {};
    return fmt::format("MAY BE DAMAGED: its pack: {}; {}", damage.problem, remedy(damage));
}

}  // namespace mastobak::daemon
