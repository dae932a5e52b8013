// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "backup/keep_policy.hpp"
#include "backup/prune.hpp"
#include "backup/remote_place.hpp"
#include "backup/remote_sets.hpp"
#include "backup/remote_signing.hpp"
#include "core/clock.hpp"
#include "offsite/state_files.hpp"
#include "schedule/next_run.hpp"
#include "store/names.hpp"
#include "store/signature.hpp"
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

/// The newest good set of now or earlier; empty if there is none. What belongs to a later one may
/// be on its way there.
std::string newest_good(const RemoteSets& there, Timestamp now) {
    std::string newest;
    for (const auto& set : there.sets)
        if (set.manifest && set.damage.empty() && set.foreign.empty() &&
            set.name <= to_set_name(now))
            newest = std::max(newest, set.name);
    return newest;
}

/// What goes from a remote, in the order in which it goes.
struct Going {
    Names manifests;  ///< first, so that no set is ever seen half removed
    Names files;
    Names packs;
    Bytes freed;
};

void add_sets(Going& going, const RemoteSets& there, const std::set<std::string>& sets,
              const std::string& newest) {
    for (const auto& set : there.sets) {
        // Without a manifest it is what an interrupted upload or removal has left.
        const bool goes = set.is_visible() ? sets.contains(set.name) : set.name < newest;
        if (!goes) continue;
        for (const auto& [leaf, size] : set.files) {
            auto name = fmt::format("sets/{}/{}", set.name, leaf);
            going.freed += size;
            (leaf == "manifest.json" ? going.manifests : going.files).push_back(std::move(name));
        }
    }
}

/// \param needed of sets elsewhere; those of the sets that stay are added here
/// Returns why no pack goes, or nothing.
std::string add_packs(Going& going, const RemoteSets& there, const std::set<std::string>& sets,
                      std::set<std::string> needed, const std::string& newest) {
    std::set<std::string, std::less<>> staying;
    for (const auto& set : there.sets) {
        if (!set.is_visible() || sets.contains(set.name)) continue;
        needed.insert(set.packs.begin(), set.packs.end());
        // What others put there keeps nothing from being removed; what its lists name stays all
        // the same, as it may be a set of ours from before sets were signed.
        if (!set.manifest && !set.foreign.empty()) continue;
        if (!set.manifest)
            return fmt::format(
                "no pack is removed, because the set '{}' does not tell which it "
                "needs: {}",
                set.name, set.damage);
        staying.insert(set.name);
        for (const auto& pack : set.manifest->media.packs) needed.insert(pack.name);
    }
    for (const auto& [name, size] : there.packs) {
        if (!store::is_pack_name(name) || needed.contains(name)) continue;
        const auto set = store::set_of_pack(name);
        if (staying.contains(set) || set >= newest) continue;
        going.packs.push_back(fmt::format("media/{}", name));
        going.freed += size;
    }
    return {};
}

/// Returns the words of a remote that forbids it, or nothing.
std::string remove(offsite::Remote& remote, const Going& going, const std::stop_token& stop) {
    for (const auto* names : {&going.manifests, &going.files, &going.packs})
        if (auto refusal = remote.remove(*names, stop); !refusal.empty()) return refusal;
    return {};
}

/// Of sets that had come there before this host signed its sets.
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
    auto fates =
        plan(there, pins.pinned, keep_policy(entry.retention.value_or(config.retention)), now);
    report.warnings = std::move(fates.warnings);
    if (!options.dry_run)
        if (auto why = send_public_key(remote, keys.own->half, scratch, stop); !why.empty())
            report.warnings.push_back(std::move(why));
    const auto names = fates.going();
    const std::set<std::string> sets(names.begin(), names.end());
    const auto newest = newest_good(there, now);
    Going going;
    add_sets(going, there, sets, newest);
    if (auto why = add_packs(going, there, sets, packs_for_here(config), newest); !why.empty())
        report.warnings.push_back(std::move(why));

    report.refusal = std::move(pins.refusal);
    if (!options.dry_run && report.refusal.empty()) report.refusal = remove(remote, going, stop);
    report.fates = std::move(fates.fates);
    if (report.refusal.empty()) {
        report.packs = std::move(going.packs);
        report.freed = going.freed;
    } else {
        for (auto& fate : report.fates)
            if (!std::exchange(fate.kept, true)) fate.why = "the remote lets nothing be removed";
    }
    return report;
}

}  // namespace mastobak::backup
