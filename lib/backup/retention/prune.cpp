// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/retention/prune.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "backup/retention/evict_packs.hpp"
#include "core/error.hpp"
#include "offsite/history.hpp"
#include "offsite/queue.hpp"
#include "offsite/worker.hpp"
#include "schedule/next_run.hpp"
#include "store/formats/signature.hpp"
#include "store/retention/candidates.hpp"
#include "store/retention/prune.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {
namespace {

/// Returns the sets that a remote of the configuration still lacks, with the name of the remote. A
/// remote that is no longer in the configuration keeps no set.
std::map<std::string, std::string> awaited_copies(const config::Config& config) {
    std::map<std::string, std::string> awaited;
    for (const auto& job : offsite::Queue(offsite::queue_directory(config.state_directory)).list())
        if (std::any_of(config.offsite.begin(), config.offsite.end(),
                        [&](const auto& entry) { return entry.name == job.remote; }))
            awaited.emplace(job.set, fmt::format("its copy to '{}'", job.remote));
    return awaited;
}

/// Returns a function that maps a set to the remote that still lacks it (empty: none).
store::Awaited awaited(const config::Config& config, bool unsent) {
    if (unsent) return {};
    return [awaited = awaited_copies(config)](const std::string& set) {
        const auto found = awaited.find(set);
        return found == awaited.end() ? std::string() : found->second;
    };
}

}  // namespace

store::RetentionPolicy keep_policy(const config::Retention& retention) {
    return {.daily = retention.daily,
            .weekly = retention.weekly,
            .monthly = retention.monthly,
            .yearly = retention.yearly,
            .minimum = retention.minimum,
            .keep_within = retention.keep_within};
}

std::string PruneReport::place() const {
    return remote.empty() ? "staging" : fmt::format("remote '{}'", remote);
}

std::size_t PruneReport::sets_gone() const {
    return static_cast<std::size_t>(
        std::count_if(decisions.begin(), decisions.end(),
                      [](const store::Decision& decision) { return !decision.kept; }));
}

PruneReport prune_staging(const config::Config& config, Timestamp now, PruneOptions options,
                          std::stop_token stop) {
    const store::Staging staging(config.staging.path);
    // A dry run needs no lock, because the set of a run in progress is not in sets/ yet.
    const auto lock = options.dry_run ? UniqueFd() : store::lock(staging);
    const auto keys = store::make_keys(config.state_directory, staging);
    auto plan = store::plan_retention(
        store::candidates(staging, awaited(config, options.unsent), keys.trusted),
        keep_policy(config.retention), now, &schedule::local_day);
    auto pruned = store::prune(staging, plan.to_remove(), options.dry_run, stop);
    EvictedPacks sent;
    if (!options.dry_run) sent = evict_packs(config, now, stop);
    PruneReport report;
    report.at = now;
    report.dry_run = options.dry_run;
    report.decisions = std::move(plan.decisions);
    for (auto& decision : report.decisions)
        if (!decision.kept &&
            !std::binary_search(pruned.sets.begin(), pruned.sets.end(), decision.set))
            decision = {decision.set, true, "pinned"};  // it was pinned after the decision
    report.shared = std::move(pruned.packs);
    report.evicted = sent.packs;
    report.freed = pruned.freed + sent.freed;
    report.warnings = std::move(plan.warnings);
    std::move(pruned.warnings.begin(), pruned.warnings.end(), std::back_inserter(report.warnings));
    return report;
}

PruneReport failed_prune(std::string remote, Timestamp now, const std::exception_ptr& failure) {
    PruneReport report;
    report.remote = std::move(remote);
    report.at = now;
    report.error = hinted(as_error(failure)).what();
    return report;
}

}  // namespace mastobak::backup
