// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "backup/media/media_passes.hpp"
#include "backup/media/space_budget.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "media/pack/repack.hpp"
#include "store/retention/retention.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {
namespace {

/// The limit for one night: a disk reads and writes this amount within a minute or two.
constexpr Bytes most_bytes{std::uint64_t{4} << 30};
/// The limit for members, whose paths are kept in memory.
constexpr std::uint64_t most_members = 300'000;
/// Repacking may use one quarter of the room in staging, because the dump and the new media come
/// later and matter more.
constexpr std::uint64_t share_of_room = 4;

store::RepackLimits limits(const config::Config& config) {
    const auto room = look_for_room(config.staging).limit.count / share_of_room;
    const auto most = std::max(most_bytes, config.media.pack_size);
    return {config.media.repack_below, {std::min(room, most.count)}, most_members};
}

/// Returns the manifests of the sets up to the one that the run continues. An older set with a
/// damaged manifest is left out, because the packs that it needs are unknown.
std::vector<store::Manifest> manifests(const config::Config& config, const std::string& newest) {
    const store::Staging staging(config.staging.path);
    std::vector<store::Manifest> manifests;
    for (const auto& set : staging.list()) {
        if (set > newest) break;
        try {
            manifests.push_back(staging.manifest(set));
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt || set == newest) throw;
        }
    }
    return manifests;
}

}  // namespace

void MediaPasses::repack(Observer& observer, std::stop_token stop) {
    // An interrupted run may already have repacked some of the packs.
    if (!previous_ || !pipeline_.resumed().empty()) return;
    const auto packs = store::packs_to_repack(manifests(config_, previous_->set), limits(config_));
    if (packs.empty()) return;
    while_mastodon_runs([&] {
        auto options = tree_options(observer, stop);
        options.previous_index = index_;
        options.trusted_until = trusted_until_;
        options.index = scratch("repacked");
        options.known_contents = nullptr;  // they are in the packs that are to be replaced
        const auto progress = [&](const auto& done) { report(observer, done, -1); };
        auto repacked = media::repack(options, packs, progress, stop);
        count_packs(repacked.result);
        notes_.push_back(
            fmt::format("{} ({}) of {} of little use (media.repack_below) packed again",
                        counted(repacked.result.packed_files, "file"),
                        to_string(repacked.result.packed_bytes), counted(packs.size(), "pack")));
        repack_warnings_ = std::move(repacked.result.warnings);
        if (repacked.paths.empty()) return;
        looks_.push_back({options.index, std::move(repacked.paths)});
        merge(stop);  // now, because otherwise the freeze may have to do it
    });
}

}  // namespace mastobak::backup
