// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "backup/media/media_passes.hpp"
#include "backup/media/space_budget.hpp"
#include "core/error.hpp"
#include "core/readable.hpp"
#include "media/pack/repack.hpp"
#include "store/retention/repack.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {
namespace {

/// What a disk reads and writes within a minute or two. What is left is for the next night.
constexpr Bytes most_bytes{std::uint64_t{4} << 30};
/// Their paths are in memory.
constexpr std::uint64_t most_members = 300'000;
/// The share of the room in staging: the dump and what is new come later, and matter more.
constexpr std::uint64_t share_of_room = 4;

store::RepackLimits limits(const config::Config& config) {
    const auto room = look_for_room(config.staging).limit.count / share_of_room;
    const auto most = std::max(most_bytes, config.media.pack_size);
    return {config.media.repack_below, {std::min(room, most.count)}, most_members};
}

/// The sets up to the one that the run continues. One that is damaged needs nothing that
/// could be told.
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
    // An interrupted run may have packed some of it again already.
    if (!previous_ || !pipeline_.resumed().empty()) return;
    const auto packs = store::packs_to_repack(manifests(config_, previous_->set), limits(config_));
    if (packs.empty()) return;
    while_mastodon_runs([&] {
        auto options = tree_options(observer, stop);
        options.previous_index = index_;
        options.trusted_until = trusted_until_;
        options.index = scratch("repacked");
        options.known_contents = nullptr;  // they are in those packs
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
        merge(stop);  // now, as the next one to need it may be the freeze
    });
}

}  // namespace mastobak::backup
