// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/retention/prune_remote.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "backup/retention/remote_place.hpp"
#include "backup/retention/remote_sets.hpp"
#include "backup/retention/remote_signing.hpp"
#include "core/clock.hpp"
#include "offsite/history.hpp"
#include "offsite/object_name.hpp"
#include "schedule/next_run.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/formats/signature.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {
namespace {

using Names = std::vector<std::string>;

store::RetentionPlan plan(const RemoteSets& there, const std::set<std::string>& pinned,
                          const store::RetentionPolicy& policy, Timestamp now) {
    std::vector<store::Candidate> candidates;
    for (const auto& set : there.sets)
        if (set.is_visible())
            candidates.push_back(
                {set.name, set.damage, pinned.contains(set.name), {}, set.foreign});
    return store::plan_retention(std::move(candidates), policy, now, &schedule::local_day);
}

/// Returns the newest undamaged set of this host up to now; empty when there is none. Objects of
/// later sets may belong to an upload that is in progress.
std::string newest_good(const RemoteSets& there, Timestamp now) {
    std::string newest;
    for (const auto& set : there.sets)
        if (set.manifest && set.damage.empty() && set.foreign.empty() &&
            set.name <= to_set_name(now))
            newest = std::max(newest, set.name);
    return newest;
}

/// The objects to remove from a remote, in the order of removal.
struct Removal {
    Names manifests;  ///< first, so that no incomplete set is visible
    Names files;
    Names shared;
    Bytes freed;
};

void add_sets(Removal& removal, const RemoteSets& there, const std::set<std::string>& sets,
              const std::string& newest) {
    for (const auto& set : there.sets) {
        // A directory without a manifest is the remains of an interrupted upload or removal.
        const bool goes = set.is_visible() ? sets.contains(set.name) : set.name < newest;
        if (!goes) continue;
        for (const auto& [leaf, size] : set.files) {
            if (!offsite::is_object_name(leaf)) continue;
            auto name = fmt::format("sets/{}/{}", set.name, leaf);
            removal.freed += size;
            (leaf == "manifest.json" ? removal.manifests : removal.files)
                .push_back(std::move(name));
        }
    }
}

/// Adds the shared files that no set needs.
/// \param needed shared files of sets elsewhere; those of the sets that stay are added here
/// \return why no shared file is removed; empty when they may be removed
std::string add_shared(Removal& removal, const RemoteSets& there, const std::set<std::string>& sets,
                       std::set<std::string> needed, const std::string& newest) {
    if (!there.unread.empty())
        return fmt::format("no pack is removed, because {}; hint: remove those sets by hand",
                           there.unread);
    std::set<std::string, std::less<>> staying;
    for (const auto& set : there.sets) {
        if (!set.is_visible() || sets.contains(set.name)) continue;
        needed.insert(set.shared.begin(), set.shared.end());
        // A foreign set does not prevent the removal of shared files. Those that its manifest names
        // are kept, because it may be a set of this host from before sets were signed.
        if (!set.manifest && !set.foreign.empty()) continue;
        if (!set.manifest)
            return fmt::format(
                "no pack is removed, because the set '{}' does not say which packs it needs: {}",
                set.name, set.damage);
        staying.insert(set.name);
        for (const auto& file : shared_files(*set.manifest)) needed.insert(file.name);
    }
    for (const auto& [name, size] : there.shared) {
        if (!store::is_shared_name(name) || needed.contains(name)) continue;
        const auto set = store::set_that_made(name);
        if (staying.contains(set) || set >= newest) continue;
        removal.shared.push_back(store::shared_path(name));
        removal.freed += size;
    }
    return {};
}

/// Returns the remote's message when it forbids removal; empty when all objects are removed.
std::string remove(offsite::Remote& remote, const Removal& removal, const std::stop_token& stop) {
    for (const auto* names : {&removal.manifests, &removal.files, &removal.shared})
        if (auto refusal = remote.remove(*names, stop); !refusal.empty()) return refusal;
    return {};
}

/// Uploads the signatures of sets that were uploaded before this host signed its sets.
void send_signatures(offsite::Remote& remote, const store::Staging& staging,
                     const RemoteSets& there, const std::stop_token& stop) {
    for (const auto& set : there.sets) {
        if (!set.lacks_signature) continue;
        const auto file = staging.set(set.name) / store::signature_name;
        const offsite::Object object{fmt::format("sets/{}/{}", set.name, store::signature_name),
                                     file,
                                     {std::filesystem::file_size(file)},
                                     sha256_of_file(file)};
        remote.put(object, {}, stop);
    }
}

}  // namespace

PruneReport prune_remote(const config::Config& config, const config::Remote& entry,
                         offsite::Remote& remote, Timestamp now, PruneOptions options,
                         std::stop_token stop) {
    const store::Staging staging(config.staging.path);
    PruneReport report;
    report.remote = entry.name;
    report.at = now;
    report.dry_run = options.dry_run;
    report.waits_for = waits_for(config, entry);
    if (!report.waits_for.empty() && !options.dry_run) return report;

    auto pins = exchange_pins(staging, remote, options.dry_run, stop);
    const auto keys = store::make_keys(config.state_directory, staging);
    const auto scratch = offsite::scratch_directory(config.state_directory);
    const auto there = look_at_sets(remote, staging, keys.trusted, scratch, stop);
    if (!options.dry_run) send_signatures(remote, staging, there, stop);
    auto decisions =
        plan(there, pins.pinned, keep_policy(entry.retention.value_or(config.retention)), now);
    report.warnings = std::move(decisions.warnings);
    if (!options.dry_run)
        if (auto why = send_public_key(remote, keys.own->half, scratch, stop); !why.empty())
            report.warnings.push_back(std::move(why));
    const auto names = decisions.to_remove();
    const std::set<std::string> sets(names.begin(), names.end());
    const auto newest = newest_good(there, now);
    Removal removal;
    add_sets(removal, there, sets, newest);
    if (auto why = add_shared(removal, there, sets, shared_files_needed_here(config), newest);
        !why.empty())
        report.warnings.push_back(std::move(why));

    report.refusal = std::move(pins.refusal);
    if (!options.dry_run && report.refusal.empty()) report.refusal = remove(remote, removal, stop);
    report.decisions = std::move(decisions.decisions);
    if (report.refusal.empty()) {
        report.shared = std::move(removal.shared);
        report.freed = removal.freed;
    } else {
        for (auto& decision : report.decisions)
            if (!std::exchange(decision.kept, true))
                decision.why = "the remote does not allow removal";
    }
    return report;
}

}  // namespace mastobak::backup
