// SPDX-License-Identifier: GPL-3.0-or-later
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "async/run_blocking.hpp"
#include "core/error.hpp"
#include "daemon/daemon.hpp"
#include "daemon/logging.hpp"
#include "daemon/records/health.hpp"

namespace mastobak::daemon {
namespace {

void log_report(spdlog::logger& log, const scrub::Report& report) {
    const WithFields fields({.remote = report.place,
                             .event = report.damaged.empty() ? MessageId{} : events::damage_found});
    for (const auto& [object, damage] : report.damaged)
        log.critical("scrub place='{}' {}; hint: mastobak repair --plan",
                     scrub::title_of(report.place), damage_text(object, damage));
    if (!report.problem.empty())
        log.warn("scrub place='{}' error={}, will retry", scrub::title_of(report.place),
                 quoted_value(report.problem));
    else
        log.debug("scrub place='{}' objects={} size='{}'", scrub::title_of(report.place),
                  report.objects, to_string(report.bytes));
}

}  // namespace

Facts Daemon::facts() {
    if (!uploads_ || agenda_.stopping()) return {};
    const auto remotes = uploads_->state();
    const bool all_arrived =
        std::ranges::all_of(remotes, [](const auto& remote) { return remote.queued == 0; });
    const bool uploading = std::ranges::any_of(remotes, [](const auto& remote) {
        return remote.pruning || !remote.uploading.empty() ||
               (remote.queued > 0 && remote.last_error.empty());
    });
    const bool scrub_due =
        config_.drill.scrub_every && newest_ && (!next_slice_ || clock_.now() >= *next_slice_);
    return {.packs_to_remove = packs_arrived_ && !config_.staging.keep_packs && all_arrived,
            .drill_due = drill_is_due_now(),
            .scrub_due = scrub_due,
            .uploading = uploading};
}

// A cancelled slice is made again later. The ledgers record the objects that it has read.
async::Task<> Daemon::make_scrub() {
    scrubbing_ = std::make_shared<DrillProgressBox>("slice", clock_.now());
    std::optional<std::vector<scrub::Report>> reports;
    std::string problem;
    auto work = [config = config_, clock = std::ref(clock_),
                 box = scrubbing_](std::stop_token stop) {
        const auto tell = [box](std::string_view place, const scrub::ReadProgress& now) {
            const auto all = static_cast<double>(std::max<std::uint64_t>(now.of_bytes.count, 1));
            box->put(
                {scrub::title_of(place), static_cast<double>(now.bytes.count) / all, now.object});
        };
        return scrub_due_places(config, clock, tell, stop);
    };
    try {
        reports = co_await async::run_blocking(scrub_pool_, std::move(work));
    } catch (const Error& error) {
        if (error.code() != Errc::cancelled) problem = error.what();
    } catch (const std::exception& error) {
        // A broken remote or ledger does not stop the daemon.
        problem = error.what();
    }
    if (!problem.empty()) log_->error("scrub error={}, will retry", quoted_value(problem));
    if (reports)
        for (const auto& report : *reports) log_report(*log_, report);
    const auto now = clock_.now();
    if (reports || !problem.empty()) next_slice_ = next_slice(config_, now);
    scrubs_ = read_scrubs(config_, now);
}

// The commands `verify` and `repair` write to the ledgers, too.
async::Task<> Daemon::look_at_ledgers() {
    auto look = [config = config_, now = clock_.now()](std::stop_token) {
        return read_scrubs(config, now);
    };
    scrubs_ = co_await async::run_blocking(run_pool_, std::move(look));
}

}  // namespace mastobak::daemon
