// SPDX-License-Identifier: GPL-3.0-or-later
// The first screen: whether all is well, and the most important figures.

#include "daemon/report/sections.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace mastobak::daemon::report {
namespace {

Html tile(std::string_view what, std::string_view figure, std::string_view more) {
    return html(
        "<div class=\"tile\"><span class=\"small faint\">{}</span><b>{}</b><span class=\"small\">{}"
        "</span></div>\n",
        what, figure, more);
}

std::string ago(Timestamp time, Timestamp now) {
    return to_text(now - time) + " ago";
}

Html last_set(const Facts& facts) {
    const auto& good = facts.state.history.last_success;
    if (!good) return tile("last set", "none", "no run has made a set yet");
    return tile("last set", ago(good->started_at, facts.now),
                fmt::format("{}, {} new", good->set.value_or("?"), to_string(good->size)));
}

Html downtime(const Facts& facts) {
    const auto& good = facts.state.history.last_success;
    if (!good) return {};
    return tile("downtime of that run", to_text(good->downtime),
                counted(good->units.size(), "unit was stopped", "units were stopped"));
}

Html proven(const Facts& facts) {
    const auto& drill = facts.state.drills.last_proven;
    if (!drill) return tile("last proven restore", "none", "no drill has proven a set yet");
    return tile("last proven restore", ago(drill->report.started_at, facts.now),
                fmt::format("set {} of {}", drill->report.set, drill->report.source));
}

Html restore_time(const Facts& facts) {
    const auto& drill = facts.state.drills.last_made;
    if (!drill || !drill->report.full_restore) return {};
    return tile("a full restore would take", to_text(drill->report.full_restore->total()),
                "estimated from the last drill");
}

Html off_site(const Facts& facts) {
    const auto& remotes = facts.state.offsite;
    if (remotes.empty()) return tile("off-site", "nowhere", "no remote is known");
    const auto waiting = static_cast<std::size_t>(
        std::ranges::count_if(remotes, [](const auto& remote) { return remote.queued > 0; }));
    const auto all = counted(remotes.size(), "remote");
    return waiting == 0 ? tile("off-site", all, "all have the newest set")
                        : tile("off-site", fmt::format("{} of {} late", waiting, all),
                               "sets are waiting to be uploaded");
}

}  // namespace

Html section(std::string_view title, const Html& contents) {
    if (contents.text.empty()) return {};
    return html("<section>\n<h2>{}</h2>\n{}</section>\n", title, contents);
}

Html header(const Facts& facts) {
    const bool well = facts.health.reasons.empty();
    Html reasons;
    for (const auto& reason : facts.health.reasons) reasons += html("<li>{}</li>\n", reason);
    if (!well) reasons = html("<ul>\n{}</ul>\n", reasons);
    Html now;
    if (const auto& run = facts.state.running)
        now = html("<p>A run is in progress: {}.</p>\n", step_text(*run));
    else if (facts.state.next_run)
        now = html("<p>Next run {}.</p>\n", to_local_text(*facts.state.next_run));
    return html(
        "<header>\n<h1>mastobak on {}</h1>\n<p><span class=\"badge {}\">{}</span></p>\n{}{}"
        "<p class=\"small faint\">As of {}, mastobak {}</p>\n</header>\n",
        facts.host, well ? "good" : "bad", well ? "healthy" : "UNHEALTHY", reasons, now,
        to_local_text(facts.now), facts.state.version);
}

Html tiles(const Facts& facts) {
    Html all;
    for (const auto part : {last_set, downtime, proven, restore_time, off_site}) all += part(facts);
    return html("<div class=\"tiles\">\n{}</div>\n", all);
}

Html warnings_section(const Facts& facts) {
    constexpr std::size_t most = 100;
    const auto& good = facts.state.history.last_success;
    if (!good || good->warnings.empty()) return {};
    const auto& warnings = good->warnings;
    Html list;
    for (std::size_t i = 0; i < std::min(most, warnings.size()); ++i)
        list += html("<li>{}</li>\n", warnings[i]);
    if (warnings.size() > most)
        list += html("<li>and {} more: mastobak show</li>\n", warnings.size() - most);
    return section("Warnings of the last good run", html("<ul>\n{}</ul>\n", list));
}

}  // namespace mastobak::daemon::report
