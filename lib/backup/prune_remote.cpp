// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/prune_remote.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "backup/keep_policy.hpp"
#include "backup/prune.hpp"
#include "core/error.hpp"
#include "offsite/history.hpp"
#include "offsite/state_files.hpp"
#include "offsite/worker.hpp"
#include "schedule/next_run.hpp"
#include "store/marks.hpp"
#include "store/names.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {
namespace {

constexpr auto keep = "keep";

offsite::Object pin_object(const store::Staging& staging, const std::string& set) {
    const auto file = store::pin_file(staging, set);
    return {fmt::format("{}/{}", keep, set),
            file,
            {std::filesystem::file_size(file)},
            sha256_of_file(file)};
}

/// What a remote is, and what is known of it here.
class RemotePlace {
 public:
    RemotePlace(const config::Config& config, const config::Remote& entry, offsite::Remote& remote)
        : config_(config), entry_(entry), remote_(remote), staging_(config.staging.path) {}

    /// What has to be there before anything may go; empty: it is.
    std::string waits_for() const {
        const auto jobs = offsite::Queue(offsite::queue_directory(config_.state_directory)).list();
        const auto queued = std::count_if(
            jobs.begin(), jobs.end(), [&](const auto& job) { return job.remote == entry_.name; });
        if (queued > 0) return fmt::format("{} set(s) that are queued for it", queued);
        offsite::History history(offsite::history_file(config_.state_directory));
        const auto complete = history.of(entry_.name).newest_set;
        const auto newest = staging_.latest();
        if (newest && complete < newest)
            return fmt::format("the newest set, '{}', which is not there yet", *newest);
        return {};
    }

    /// The pins that count there: ours, and those that it has from a host that is no more. Carries
    /// ours there, and takes back what was released.
    std::set<std::string> exchange_pins(bool dry_run, std::vector<std::string>&,
                                        std::stop_token stop) {
        auto pinned = store::pinned_sets(staging_);
        const auto released = store::released_sets(staging_);
        const auto there = remote_.list(keep, stop);
        std::vector<std::string> taken_back;
        for (const auto& set : pinned)
            if (!there.contains(set) && !dry_run) remote_.put(pin_object(staging_, set), {}, stop);
        for (const auto& [set, size] : there)
            if (released.contains(set))
                taken_back.push_back(fmt::format("{}/{}", keep, set));
            else if (store::is_set_name(set))
                pinned.insert(set);
        return pinned;
    }

    store::RetentionPolicy policy() const {
        return keep_policy(entry_.retention.value_or(config_.retention));
    }

 private:
    const config::Config& config_;
    const config::Remote& entry_;
    offsite::Remote& remote_;
    const store::Staging staging_;
};

std::vector<store::Candidate> candidates(const std::vector<offsite::RemoteSet>& sets,
                                         const std::set<std::string>& pinned) {
    std::vector<store::Candidate> candidates;
    for (const auto& set : sets)
        if (store::is_set_name(set.name))
            candidates.push_back({set.name, set.damage, pinned.contains(set.name), {}});
    return candidates;
}

}  // namespace

PruneReport prune_remote(const config::Config& config, const config::Remote& entry,
                         offsite::Remote& remote, Timestamp now, PruneOptions options,
                         std::stop_token stop) {
    RemotePlace place(config, entry, remote);
    PruneReport report;
    report.remote = entry.name;
    report.at = now;
    report.dry_run = options.dry_run;
    report.waits_for = place.waits_for();
    if (!report.waits_for.empty() && !options.dry_run) return report;

    const auto pinned = place.exchange_pins(options.dry_run, report.warnings, stop);
    const auto choose = [&](const std::vector<offsite::RemoteSet>& sets) {
        auto plan = store::plan_retention(candidates(sets, pinned), place.policy(), now,
                                          &schedule::local_day);
        report.fates = std::move(plan.fates);
        for (auto& warning : plan.warnings) report.warnings.push_back(std::move(warning));
        std::vector<std::string> going;
        for (const auto& fate : report.fates)
            if (!fate.kept) going.push_back(fate.set);
        return going;
    };
    // Removing there is not built yet.
    static_cast<void>(choose);
    report.refusal = "mastobak removes nothing off-site yet";
    return report;
}

}  // namespace mastobak::backup
