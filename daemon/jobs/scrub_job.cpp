// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/scrub_job.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/privilege.hpp"
#include "scrub/place.hpp"
#include "scrub/schedule.hpp"

namespace mastobak::daemon {

std::filesystem::path scrub_scratch(const config::Config& config) {
    return scrub::ledger_directory(config.state_directory) / "tmp";
}

std::vector<scrub::Report> scrub_due_places(const config::Config& config, Clock& clock,
                                            const OnScrubProgress& progress,
                                            const std::stop_token& stop) {
    std::vector<scrub::Report> reports;
    if (!config.drill.scrub_every) return reports;
    const auto period = *config.drill.scrub_every;
    const auto scratch = scrub_scratch(config);
    const auto read = [&](const std::string& id, const auto& make_place) {
        if (!scrub::slice_is_due(scrub::read_ledger(config.state_directory, id), period,
                                 clock.now()))
            return;
        scrub::Services services{config, clock, scratch, {}, stop};
        services.progress = [&](const scrub::ReadProgress& now) { progress(id, now); };
        try {
            const auto place = make_place();
            reports.push_back(scrub::scrub_slice(services, *place, period));
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled || stop.stop_requested()) throw;
            scrub::Report report;
            report.place = id;
            report.problem = error.text();
            reports.push_back(std::move(report));
        }
    };
    run_at_idle_priority([&] {
        make_directories(scratch);
        read(std::string(scrub::staging_place),
             [&] { return scrub::place_of_staging(config, scratch); });
        for (const auto& entry : config.offsite)
            read(entry.name, [&] { return scrub::place_of_remote(config, entry, scratch); });
    });
    return reports;
}

std::vector<scrub::Summary> read_scrubs(const config::Config& config, Timestamp now) {
    std::vector<scrub::Summary> summaries;
    const auto add = [&](const std::string& place) {
        const auto ledger = scrub::read_ledger(config.state_directory, place);
        if (config.drill.scrub_every || !ledger.objects.empty())
            summaries.push_back(scrub::summarize(place, ledger, config.drill.scrub_every, now));
    };
    add(std::string(scrub::staging_place));
    for (const auto& entry : config.offsite) add(entry.name);
    return summaries;
}

Timestamp next_slice(const config::Config& config, Timestamp now) {
    const auto period = config.drill.scrub_every.value_or(scrub::slice_every);
    return now + std::min(scrub::slice_every, period / 2);
}

}  // namespace mastobak::daemon
