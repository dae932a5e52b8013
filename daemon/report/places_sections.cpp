// SPDX-License-Identifier: GPL-3.0-or-later
// The places: their room, the remotes, the drills, retention.

#include <algorithm>
#include <boost/range/adaptor/reversed.hpp>
#include <map>
#include <span>

#include "core/text.hpp"
#include "daemon/records/health.hpp"
#include "daemon/report/charts.hpp"
#include "daemon/report/growth.hpp"
#include "daemon/report/sections.hpp"

namespace mastobak::daemon::report {
namespace {

constexpr std::size_t most_drills = 10;
constexpr std::size_t most_sets = 200;
constexpr std::size_t most_warnings = 20;

std::string day_text(Timestamp time) {
    return to_local_text(time).substr(0, 10);
}

/// Returns what the measurements say about the future of a place.
/// \param free bytes that are still free; nullopt: unknown
std::string forecast_text(const Measurements& measurements, std::optional<Bytes> free,
                          Timestamp now) {
    const auto growth = growth_per_day(measurements, now);
    if (!growth) return "there are not enough nights for a forecast yet";
    if (*growth <= 0) return "it does not grow";
    const auto a_month = static_cast<std::uint64_t>(*growth * 30);
    auto text = fmt::format("it grows by {} in 30 days", to_string(Bytes{a_month}));
    if (!free) return text;
    const auto full = full_at(*growth, *free, now);
    if (!full) return text + "; it will not be full within ten years";
    return text + fmt::format("; at that rate it is full in {}, on {}", to_text(*full - now),
                              day_text(*full));
}

Measurements in_staging(const std::vector<Night>& nights) {
    Measurements all;
    for (const auto& night : nights)
        if (night.used) all.emplace_back(night.started_at, *night.used);
    return all;
}

Measurements at_place(const std::vector<Night>& nights, const std::string& place) {
    Measurements all;
    for (const auto& night : nights)
        for (const auto& size : night.places)
            if (size.place == place) all.emplace_back(night.started_at, size.bytes);
    return all;
}

Html room_of(std::string_view title, Bytes used, std::optional<Bytes> free,
             std::string_view forecast) {
    auto text = fmt::format("{} in use", to_string(used));
    text += free ? fmt::format(", {} free", to_string(*free)) : ", the free space is unknown";
    Html bar;
    if (free)
        bar = room_bar(static_cast<double>(used.count), static_cast<double>(free->count), text);
    return html("<h3>{}</h3>\n{}<p>{}; {}.</p>\n", title, bar, text, forecast);
}

Html retained(const Facts& facts, const backup::PruneReport& report) {
    std::map<std::string, std::string> notes;
    for (const auto& night : facts.nights)
        if (night.set && !night.note.empty()) notes[*night.set] = night.note;
    Html rows;
    // A hostile remote can have any number of sets.
    std::size_t left = most_sets;
    for (const auto& decision : boost::adaptors::reverse(report.decisions)) {
        if (left-- == 0) {
            rows += html("<tr><td colspan=\"4\">and {} older ones</td></tr>\n",
                         report.decisions.size() - most_sets);
            break;
        }
        const auto note = notes.find(decision.set);
        std::string text = facts.pinned.contains(decision.set) ? "pinned" : "";
        if (note != notes.end()) text += (text.empty() ? "" : ", ") + note->second;
        rows += html("<tr{}><td class=\"n\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                     Html{decision.kept ? "" : " class=\"gone\""}, decision.set,
                     decision.kept ? "kept" : "removed", decision.why, text);
    }
    Html more;
    if (!report.error.empty())
        more += html("<p class=\"is-bad\">Retention failed: {}</p>\n", report.error);
    if (!report.waits_for.empty()) more += html("<p>Waits for {}.</p>\n", report.waits_for);
    if (!report.refusal.empty()) more += html("<p>Keeps everything: {}</p>\n", report.refusal);
    for (const auto& warning :
         std::span(report.warnings).first(std::min(report.warnings.size(), most_warnings)))
        more += html("<p class=\"is-warn\">{}</p>\n", warning);
    if (!rows.text.empty())
        more += html(
            "<table>\n<thead><tr><th>set</th><th></th><th>why</th><th>notes</th></tr></thead>\n"
            "<tbody>\n{}</tbody>\n</table>\n",
            rows);
    return html(
        "<details>\n<summary>{}: {} kept, {} removed, {} freed ({})</summary>\n{}</details>\n",
        report.place(), counted(report.decisions.size() - report.sets_gone(), "set"),
        report.sets_gone(), to_string(report.freed), to_local_text(report.at), more);
}

Html row(const offsite::RemoteState& remote, Timestamp now) {
    std::string queued = remote.queued == 0 ? "nothing" : counted(remote.queued, "set");
    if (remote.queued > 0 && remote.waiting)
        queued += fmt::format(" ({})", to_string(*remote.waiting));
    if (!remote.uploading.empty())
        queued +=
            fmt::format(", copying {} of {}", to_string(remote.done), to_string(remote.total));
    return html(
        "<tr><td><b>{}</b></td><td class=\"n\" data-label=\"newest set\">{}</td>"
        "<td class=\"n\" data-label=\"complete\">{}</td><td data-label=\"waiting\">{}</td>"
        "<td class=\"is-bad\">{}</td></tr>\n",
        remote.remote, remote.newest_set.value_or("none"),
        remote.completed_at ? to_text(now - *remote.completed_at) + " ago" : std::string("never"),
        queued, remote.last_error);
}

Html row(const DrillRecord& drill) {
    const auto* colour = drill.proven() ? "is-good" : drill.made() ? "is-bad" : "is-warn";
    Html problems;
    for (const auto& check : drill.report.checks)
        if (check.verdict == postgres::Verdict::bad)
            problems += html("<br>{}: {}", check.name,
                             check.problems.empty() ? check.figure : check.problems.front());
    return html("<tr><td class=\"n\">{}</td><td class=\"n {}\">{}</td><td>{}{}</td></tr>\n",
                to_local_text(drill.report.started_at), colour,
                drill.proven() ? "proven"
                : drill.made() ? "NOT proven"
                               : "not made",
                text_of(drill), problems);
}

}  // namespace

Html room_section(const Facts& facts) {
    Html all;
    if (!facts.state.staging_problem.empty())
        all += html("<p class=\"is-bad\">Staging: {}</p>\n", facts.state.staging_problem);
    if (const auto& storage = facts.state.storage)
        all += room_of("Staging", used_of(*storage), storage->room,
                       forecast_text(in_staging(facts.nights), storage->room, facts.now));
    for (const auto& summary : facts.state.scrubs) {
        if (summary.place == scrub::staging_place) continue;
        const auto free = facts.free.find(summary.place);
        const auto room =
            free == facts.free.end() ? std::nullopt : std::optional<Bytes>(free->second);
        all += room_of("Remote " + summary.place, summary.bytes, room,
                       forecast_text(at_place(facts.nights, summary.place), room, facts.now));
    }
    return section("Room", all);
}

Html remotes_section(const Facts& facts) {
    Html rows, more;
    for (const auto& remote : facts.state.offsite) rows += row(remote, facts.now);
    for (const auto& summary : facts.state.scrubs) {
        more += html("<p>{}: {} of {} read again in time.</p>\n", scrub::title_of(summary.place),
                     to_string(summary.read), to_string(summary.bytes));
        for (const auto& [object, damage] : summary.damaged)
            more += html("<p class=\"is-bad\">Damaged: {}</p>\n", damage_text(object, damage));
        if (!summary.problem.empty())
            more += html("<p class=\"is-warn\">{}</p>\n", summary.problem);
    }
    if (!rows.text.empty())
        rows = html(
            "<table>\n<thead><tr><th>remote</th><th>newest set</th><th>complete</th><th>waiting"
            "</th><th>last error</th></tr></thead>\n<tbody>\n{}</tbody>\n</table>\n",
            rows);
    rows += more;
    return section("Remotes, and reading again", rows);
}

Html drills_section(const Facts& facts) {
    Html all;
    const auto& last = facts.state.drills.last_made;
    if (last && last->report.full_restore)
        all += html("<p>A full restore would take about {}.</p>\n",
                    text_of(*last->report.full_restore));
    if (last && last->report.media) all += html("<p>{}.</p>\n", text_of(*last->report.media));
    Html rows;
    std::size_t left = most_drills;
    for (const auto& drill : boost::adaptors::reverse(facts.drills)) {
        if (left-- == 0) break;
        rows += row(drill);
    }
    if (!rows.text.empty())
        all += html(
            "<table>\n<thead><tr><th>begun</th><th>result</th><th></th></tr></thead>\n<tbody>\n{}"
            "</tbody>\n</table>\n",
            rows);
    else
        all += html("<p>No drill was made yet.</p>\n");
    return section("Drills", all);
}

Html retention_section(const Facts& facts) {
    Html all;
    for (const auto& report : facts.state.pruned) all += retained(facts, report);
    return section("Which sets are kept, and why", all);
}

}  // namespace mastobak::daemon::report
