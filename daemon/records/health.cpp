// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/health.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "daemon/records/json.hpp"
#include "offsite/hints.hpp"

namespace mastobak::daemon {
namespace {

/// Returns whether the first verdict is worse. A failure is worse than age, because it is often the
/// cause.
bool is_worse(Health::Verdict a, Health::Verdict b) {
    static constexpr int rank[] = {0, 2, 1, 3};  // healthy, failed, stale, no_daemon
    return rank[static_cast<int>(a)] > rank[static_cast<int>(b)];
}

/// Adds a reason. The worst verdict counts, and its reasons come first.
void add(Health& health, Health::Verdict verdict, std::string cause, std::string reason) {
    auto& reasons = health.reasons;
    auto& causes = health.causes;
    const bool first = is_worse(verdict, health.verdict);
    if (first) health.verdict = verdict;
    reasons.insert(first ? reasons.begin() : reasons.end(), std::move(reason));
    causes.insert(first ? causes.begin() : causes.end(), std::move(cause));
}

/// Returns "web" for "mastodon-web.service".
std::string_view short_name(std::string_view unit) {
    constexpr std::string_view before = "mastodon-", after = ".service";
    if (unit.starts_with(before)) unit.remove_prefix(before.size());
    if (unit.ends_with(after)) unit.remove_suffix(after.size());
    return unit;
}

/// Returns the steps of the downtime: "stop 50 ms", "freeze 20 ms", "start 20 ms".
std::vector<std::string> downtime_parts(const RunRecord& run) {
    std::vector<std::pair<std::string_view, std::chrono::nanoseconds>> parts;
    bool down = false;
    for (const auto& step : run.steps) {
        down = down || step.name == "stop";
        if (!down) continue;
        const bool own = step.name == "stop" || step.name == "dump" || step.name == "start" ||
                         step.name == "health";
        const std::string_view name = own ? std::string_view(step.name) : "freeze";
        if (parts.empty() || parts.back().first != name) parts.emplace_back(name, 0);
        parts.back().second += step.took;
        if (step.name == "health") break;
    }
    std::vector<std::string> texts;
    for (const auto& [name, took] : parts)
        if (took >= std::chrono::milliseconds(1))
            texts.push_back(fmt::format("{} {}", name, to_text(took)));
    return texts;
}

/// The limit for a remote that has no set yet. It is short, because the configuration may be wrong.
constexpr std::chrono::minutes time_for_first_upload{60};

void judge_offsite(Health& health, const State& state, const config::Config& config,
                   Timestamp now) {
    const auto& alerts = config.alerts;
    // A command without a configuration cannot know whether a remote is configured.
    if (!config.source.empty() && config.offsite.empty() && !state.no_remote_acknowledged)
        add(health, Health::Verdict::stale, "no-remote",
            std::string(no_remote) +
                "; hint: 'offsite:' in the configuration; or mastobak "
                "acknowledge");
    for (const auto& remote : state.offsite) {
        const bool never_worked =
            !remote.newest_set && !remote.completed_at && !remote.last_error.empty();
        const auto limit = never_worked ? std::min<std::chrono::nanoseconds>(
                                              time_for_first_upload, alerts.offsite_stale_after)
                                        : std::chrono::nanoseconds(alerts.offsite_stale_after);
        if (remote.queued > 0 && offsite::says_full(remote.last_error)) {
            add(health, Health::Verdict::failed, "full " + remote.remote,
                fmt::format("the remote '{}' is full: {}", remote.remote, remote.last_error));
            continue;
        }
        if (!remote.oldest_queued || now - *remote.oldest_queued < limit) continue;
        const auto waiting = to_text(now - *remote.oldest_queued);
        const auto error = remote.last_error.empty() ? "" : ": " + remote.last_error;
        add(health, Health::Verdict::stale, "offsite " + remote.remote,
            fmt::format("staged, but not off-site at '{}' for {}{}", remote.remote, waiting,
                        error));
    }
}

/// Returns whether the failure of a drill is a problem of this host. A drill that a person or a
/// shutdown has ended is not.
bool is_own(const DrillRecord& record) {
    return record.error_code != to_string(Errc::cancelled) &&
           record.error_code != to_string(Errc::busy) &&
           record.error_code != to_string(Errc::shutdown);
}

/// If no drill has ever proven a set, the limit counts from the beginning of the history.
void judge_drills(Health& health, const State& state, const config::Config& config, Timestamp now) {
    const auto& drills = state.drills;
    if (drills.last_made && !drills.last_made->proven())
        add(health, Health::Verdict::failed, "drill",
            "the last drill failed: " + text_of(*drills.last_made));
    const bool wanted = config.drill.schedule != config::DrillSchedule::never;
    if (wanted && drills.last && !drills.last->made() && !drills.last_made && is_own(*drills.last))
        add(health, Health::Verdict::stale, "no-drill",
            "no drill could be made yet: " + drills.last->error);
    const bool nothing_known = !drills.last_proven && state.history.known_since == Timestamp{};
    if (config.drill.schedule == config::DrillSchedule::never || nothing_known) return;
    const auto since =
        drills.last_proven ? drills.last_proven->report.started_at : state.history.known_since;
    if (now - since < config.alerts.drill_stale_after) return;
    auto why = fmt::format("no drill has proven a set for {}", to_text(now - since));
    if (drills.last && !drills.last->made()) why += ": " + drills.last->error;
    add(health, Health::Verdict::stale, "drill-overdue", std::move(why));
}

/// Damage is a failure, because a person has to repair it. Objects that were not read in time are
/// only stale.
void judge_scrubs(Health& health, const State& state, const config::Config& config) {
    for (const auto& summary : state.scrubs) {
        const auto place = scrub::title_of(summary.place);
        if (summary.damaged_count > 0)
            add(health, Health::Verdict::failed, "damage " + summary.place,
                fmt::format("{}: {} damaged: {}; hint: mastobak repair --plan", place,
                            counted(summary.damaged_count, "object is", "objects are"),
                            summary.damaged.empty()
                                ? std::string("?")
                                : damage_text(summary.damaged.begin()->first,
                                              summary.damaged.begin()->second)));
        if (config.drill.scrub_every && summary.overdue.count > 0)
            add(health, Health::Verdict::stale, "scrub-overdue " + summary.place,
                fmt::format("{}: {} were not read again within {}{}", place,
                            to_string(summary.overdue), to_text(*config.drill.scrub_every),
                            summary.problem.empty() ? "" : ": " + summary.problem));
    }
}

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

Health judge(const State& state, const std::optional<std::string>& newest_set,
             const config::Config& config, Timestamp now) {
    const auto& alerts = config.alerts;
    Health health;
    const auto& last = state.history.last_run;
    const bool goes_on = last && state.running && state.running->id == last->id;
    // The most important reasons come first, because the status line has room for one.
    if (last && !goes_on)
        for (const auto& unit : last->down)
            add(health, Health::Verdict::failed, "unit " + unit,
                fmt::format("'{}' was stopped by the last run and did not start again", unit));
    if (!state.reload_problem.empty())
        add(health, Health::Verdict::failed, "reload",
            "the changed configuration was refused, and the old one is in force: " +
                state.reload_problem);
    if (!state.staging_problem.empty())
        add(health, Health::Verdict::failed, "staging",
            "staging cannot be used: " + state.staging_problem);
    // A person who cancels a run knows of it.
    if (last && !last->ok() && !goes_on && last->cut_off_by != CutOff::person)
        add(health, Health::Verdict::failed, "run",
            fmt::format("the last run ({}) failed: {}", last->id,
                        last->error.empty() ? "its process died" : last->error));
    const auto newest = newest_set ? parse_set_name(*newest_set) : std::nullopt;
    if (!newest)
        add(health, Health::Verdict::stale, "no-set", "there is no backup set yet");
    else if (now - *newest >= alerts.stale_after)
        add(health, Health::Verdict::stale, "stale",
            fmt::format("the newest set ({}) is {} old", *newest_set, to_text(now - *newest)));
    judge_offsite(health, state, config, now);
    judge_drills(health, state, config, now);
    judge_scrubs(health, state, config);
    return health;
}

std::string downtime_text(const RunRecord& run) {
    std::vector<std::string> units;
    for (const auto& unit : run.units)
        units.push_back(fmt::format("{} {}", short_name(unit.name), to_text(unit.down)));
    const auto parts = downtime_parts(run);
    auto text = "downtime " + to_text(run.downtime);
    if (units.empty() && parts.empty()) return text;
    return fmt::format("{} ({}{}{})", text, fmt::join(parts, ", "),
                       units.empty() || parts.empty() ? "" : "; ", fmt::join(units, ", "));
}

std::string step_text(const RunningState& run) {
    std::string text = run.step;
    if (run.fraction >= 0) text += fmt::format(" {:.0f} %", 100 * run.fraction);
    if (!run.detail.empty()) text += fmt::format(" ({})", run.detail);
    if (run.left) text += fmt::format(", {} left", to_text(*run.left));
    return text;
}

std::string status_line(const State& state, const Health& health, Timestamp now) {
    std::string work;
    if (state.running)
        work = fmt::format("running: {}", step_text(*state.running));
    else if (state.drilling)
        work = fmt::format("drill: {}", step_text(*state.drilling));
    // A drill may take hours, which must not hide that the configuration was refused.
    if (!work.empty() && state.reload_problem.empty()) return work;
    std::string text = health.reasons.empty() ? "healthy" : "UNHEALTHY: " + health.reasons.front();
    if (!work.empty()) return text + "; " + work;
    if (const auto& good = state.history.last_success)
        text += fmt::format("; last set {} ({} ago, {}), {}", good->set.value_or("?"),
                            to_text(now - good->started_at), to_string(good->size),
                            downtime_text(*good));
    const bool told = std::ranges::any_of(
        health.reasons, [](const auto& reason) { return reason.starts_with(no_remote); });
    if (state.offsite.empty() && !told) text += fmt::format("; {}", no_remote);
    const auto waiting = std::count_if(state.offsite.begin(), state.offsite.end(),
                                       [](const auto& remote) { return remote.queued > 0; });
    if (waiting > 0) text += "; uploading to " + counted(waiting, "remote");
    if (const auto proof = short_text(state.drills, now); !proof.empty()) text += "; " + proof;
    if (state.next_run) text += fmt::format("; next run {}", to_local_text(*state.next_run));
    return text;
}

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
