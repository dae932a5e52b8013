// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/retention/evict_packs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "offsite/history.hpp"
#include "store/pack_record.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {
namespace {

/// Returns the packs in staging that sets need; the key is the file name of the pack. A pack that
/// only a set with a damaged manifest needs is not returned, and is therefore not evicted. Nor is a
/// base: the next dump needs it.
std::map<std::string, store::PackReference> packs_here(const store::Staging& staging) {
    std::map<std::string, store::PackReference> packs;
    for (const auto& set : staging.list()) {
        try {
            for (const auto& pack : staging.manifest(set).media.packs)
                packs.emplace(pack.name, pack);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
        }
    }
    std::erase_if(packs, [&](const auto& pack) { return !store::is_here(staging, pack.second); });
    return packs;
}

}  // namespace

EvictedPacks evict_packs(const config::Config& config, Timestamp now, std::stop_token stop) {
    EvictedPacks result;
    if (config.staging.keep_packs || config.offsite.empty()) return result;
    const store::Staging staging(config.staging.path);
    offsite::History history(offsite::history_file(config.state_directory));
    for (const auto& [name, pack] : packs_here(staging)) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        store::PackRecord record{name, pack.size, pack.sha256, now, 0, store::PackPlace::here, {}};
        for (const auto& remote : config.offsite) {
            const auto& known = history.of(remote.name).packs;
            const auto found = known.find(fmt::format("media/{}", name));
            if (found != known.end() && found->second == pack.sha256)
                record.remotes.push_back(remote.name);
        }
        if (record.remotes.size() < config.offsite.size()) continue;
        store::evict(staging, std::move(record));
        ++result.packs;
        result.freed += pack.size;
    }
    return result;
}

}  // namespace mastobak::backup
