// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <string>

#include "daemon/report/report.hpp"
#include "schedule/next_run.hpp"

namespace mastobak::test {

/// Text that would do something if a page contained it as it is.
inline const std::string hostile =
    "</title></style><script>document.title='taken'</script><img src=x "
    "onerror=document.title='taken'>\"'><b style=color:red>&amp;\x1b[31m\xff\xe2\x80\xae";

/// Returns the facts of an instance with four months of nights, two remotes and some trouble.
/// \param name used for all names, notes and messages from outside, for example `hostile`
inline daemon::report::Facts facts_of_everything(const std::string& name) {
    using namespace std::chrono_literals;
    using namespace daemon;
    report::Facts facts;
    facts.now = *parse_iso8601("2026-11-22T12:00:00Z");
    facts.host = name;
    facts.local_day = &schedule::local_day;
    const auto gib = [](double count) {
        return Bytes{static_cast<std::uint64_t>(count * 1024 * 1024 * 1024)};
    };
    for (int day = 120; day >= 0; --day) {
        Night night;
        night.started_at = facts.now - day * 24h - 9h;
        night.id = to_set_name(night.started_at);
        night.took = 20min + (day * 7 % 11) * 1min;
        if (day % 17 == 3) {
            night.error = name + ": cannot connect to the database";
            facts.nights.push_back(night);
            if (day % 2 == 1) continue;
            night.started_at += 10min;
            night.error.clear();
        }
        night.set = night.id;
        night.warnings = day % 13 == 5 ? 2 : 0;
        night.note = day % 29 == 0 ? name : "";
        night.downtime = 900ms + (day * 5 % 9) * 130ms;
        night.database = gib(day % 30 == 0 ? 0.9 : 0.05 + (day % 7) * 0.01);
        night.media = gib(0.3 + (day * 3 % 8) * 0.07);
        night.other = gib(0.02);
        night.used = gib(150.0 - day * 0.4);
        night.room = gib(60 + day * 0.4);
        night.places = {{name, gib(140.0 - day * 0.3)}};
        facts.nights.push_back(night);
    }
    auto& state = facts.state;
    state.version = "1.2";
    state.next_run = facts.now + 15h;
    RunRecord good;
    good.started_at = facts.now - 9h;
    good.finished_at = facts.now - 8h;
    good.set = to_set_name(good.started_at);
    good.size = gib(0.6);
    good.downtime = 1300ms;
    good.warnings = {name, std::string(300, 'x'), "a file with a long path is not in the set"};
    state.history.last_run = state.history.last_success = good;
    state.storage.emplace();
    state.storage->usage.live = gib(150);
    state.storage->room = gib(60);
    offsite::RemoteState remote;
    remote.remote = name;
    remote.newest_set = good.set;
    remote.completed_at = facts.now - 7h;
    state.offsite.push_back(remote);
    remote.remote = "nas";
    remote.queued = 2;
    remote.waiting = gib(1.1);
    remote.last_error = name + ": connection refused";
    state.offsite.push_back(remote);
    scrub::Summary summary;
    summary.place = name;
    summary.bytes = gib(140);
    summary.read = gib(120);
    state.scrubs.push_back(summary);
    facts.free[name] = gib(500);
    backup::PruneReport pruned;
    pruned.at = facts.now - 8h;
    pruned.decisions = {{to_set_name(facts.now - 249h), false, "daily 7 of 7 are newer"},
                        {*good.set, true, "daily 1 of 7, weekly 1 of 4"}};
    pruned.warnings = {name};
    state.pruned.push_back(pruned);
    facts.pinned = {*good.set};
    DrillRecord drill;
    drill.report.set = *good.set;
    drill.report.source = "remote '" + name + "'";
    drill.report.started_at = facts.now - 72h;
    drill.report.checks.push_back({.name = "rows", .figure = "13 tables, 45678 rows"});
    drill.report.full_restore = restore::RestoreEstimate{30min, 12min, 55min};
    state.drills.last = state.drills.last_made = state.drills.last_proven = drill;
    facts.drills.push_back(drill);
    drill.report.checks.front().verdict = postgres::Verdict::bad;
    drill.report.checks.front().problems = {name};
    facts.drills.push_back(drill);
    facts.health = {Health::Verdict::failed, {"remote '" + name + "' is late by 2 d 3 h"}};
    return facts;
}

}  // namespace mastobak::test
