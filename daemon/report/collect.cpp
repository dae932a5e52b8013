// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/report/collect.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/accounts.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "offsite/history.hpp"
#include "schedule/next_run.hpp"
#include "store/marks.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon::report {
namespace {

void add_sets(Facts& facts, const store::Staging& staging) {
    std::set<std::string> known;
    for (const auto& night : facts.nights)
        if (night.set) known.insert(*night.set);
    for (const auto& set : staging.list()) {
        try {
            if (!known.contains(set)) facts.nights.push_back(night_of(staging.manifest(set)));
        } catch (const Error&) {
            // `health` says that the set is damaged.
        }
    }
    std::ranges::stable_sort(facts.nights, {}, &Night::started_at);
}

}  // namespace

Facts collect(const config::Config& config, State state, Health health, Timestamp now) {
    Facts facts;
    facts.now = now;
    facts.host = host_name();
    facts.state = std::move(state);
    facts.health = std::move(health);
    facts.nights = read_nights(config.state_directory);
    facts.drills = all_drills(config.state_directory);
    facts.local_day = &schedule::local_day;
    offsite::History uploads(offsite::history_file(config.state_directory));
    for (const auto& remote : config.offsite)
        if (const auto free = uploads.of(remote.name).free) facts.free[remote.name] = *free;
    try {
        const store::Staging staging(config.staging.path);
        add_sets(facts, staging);
        facts.pinned = store::pinned_sets(staging);
    } catch (const Error&) {
        // The state has the problem of staging.
    }
    return facts;
}

void write_report(const std::filesystem::path& state_directory, const Facts& facts) {
    write_file(state_directory / "report.html", to_html(facts));
}

}  // namespace mastobak::daemon::report
