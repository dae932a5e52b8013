// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/adopt_remote_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "backup/database/fetch_base.hpp"
#include "backup/media/media_passes.hpp"
#include "backup/media/space_budget.hpp"
#include "backup/retention/remote_sets.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/text.hpp"
#include "media/pack/digest_cache.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "store/formats/signature.hpp"
#include "store/pack_record.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;
namespace {

using Remotes = std::vector<std::unique_ptr<offsite::Remote>>;

/// Returns null when there is no good set.
const RemoteSet* newest_good(const RemoteSets& there) {
    const auto found =
        std::find_if(there.sets.rbegin(), there.sets.rend(), [](const RemoteSet& set) {
            return set.manifest && set.damage.empty() && set.foreign.empty() &&
                   set.files.contains("SHA256SUMS");
        });
    return found == there.sets.rend() ? nullptr : &*found;
}

std::ptrdiff_t foreign_sets(const RemoteSets& there) {
    return std::ranges::count_if(
        there.sets, [](const RemoteSet& set) { return set.manifest && !set.foreign.empty(); });
}

/// Returns which remotes have the packs of a set. The remote `whole` has all of them.
std::vector<store::PackRecord> where_packs_are(const store::Manifest& manifest,
                                               const offsite::Remote& whole, const Remotes& remotes,
                                               Timestamp now, const std::stop_token& stop) {
    std::vector<store::PackRecord> records;
    for (const auto& pack : manifest.media.packs)
        records.push_back(
            {pack.name, pack.size, pack.sha256, now, 0, store::PackPlace::absent, {whole.name()}});
    for (const auto& remote : remotes) {
        if (remote.get() == &whole) continue;
        try {
            const auto listing = remote->list("media", stop);
            for (auto& record : records)
                if (const auto found = listing.find(record.name);
                    found != listing.end() && found->second == record.size)
                    record.remotes.push_back(remote->name());
        } catch (const Error& error) {
            // The next upload finds out what this remote has.
            if (error.code() != Errc::offsite) throw;
        }
    }
    return records;
}

/// Returns the names of a set's files: the artifacts of its manifest, which are checked names, and
/// the three files that the manifest does not list.
std::vector<std::string> files_of(const store::Manifest& manifest) {
    std::vector<std::string> names{"SHA256SUMS", std::string(store::signature_name),
                                   "manifest.json"};
    for (const auto& artifact : manifest.artifacts) names.push_back(artifact.name);
    return names;
}

void fetch(offsite::Remote& remote, const RemoteSet& set, const fs::path& directory,
           const std::stop_token& stop) {
    for (const auto& name : files_of(*set.manifest)) {
        const auto object = fmt::format("sets/{}/{}", set.name, name);
        const auto size = set.files.at(name);
        const offsite::Part whole{object, {}, size, size};
        const auto sha256 = remote.get(whole, directory / name, stop);
        const auto& artifacts = set.manifest->artifacts;
        const auto known = std::ranges::find(artifacts, name, &store::Artifact::name);
        if (known != artifacts.end() && known->sha256 != sha256)
            throw Error(Errc::corrupt,
                        fmt::format("'{}' there is not what its manifest says", object));
        sync_file(directory / name);
    }
    sync_directory(directory);
}

void adopt(const config::Config& config, offsite::Remote& remote, const RemoteSet& set,
           const std::vector<store::PackRecord>& packs, const std::stop_token& stop) {
    Bytes all;
    for (const auto& [name, size] : set.files) all += size;
    const auto& base = set.manifest->database.base;
    const auto& index_base = set.manifest->media.index_base;
    if (base) all += base->size;
    if (index_base) all += index_base->size;
    const auto room = look_for_room(config.staging);
    if (room.limit < all) throw_no_room(config, room, all, "the newest set of a remote needs");
    const store::Staging staging(config.staging.path);
    const auto partial = staging.partial() / set.name;
    fs::remove_all(partial);
    make_directories(partial);
    fetch(remote, set, partial, stop);
    if (base) fetch_base(remote, {base->name, base->size, base->sha256}, staging, stop);
    if (index_base) fetch_base(remote, *index_base, staging, stop);
    // The records come first, because a visible set must have a known place for each pack.
    for (const auto& pack : packs) store::evict(staging, pack);
    publish(partial, staging.set(set.name));
}

void know_contents(const config::Config& config, const store::Manifest& manifest,
                   std::vector<std::string>& warnings, const std::stop_token& stop) {
    if (manifest.media.elsewhere) return;
    const auto index = store::Staging(config.staging.path).index(manifest);
    try {
        make_directories(config.state_directory);
        media::write_known_contents({index.whole, index.changes}, index.sha256,
                                    contents_file(config), stop);
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        warnings.push_back(fmt::format(
            "files that are new on this machine are packed, although the set '{}' has them: {}",
            manifest.set, error.what()));
    }
}

}  // namespace

std::optional<AdoptedSet> adopt_remote_set(const config::Config& config, Timestamp now,
                                           std::vector<std::string>& warnings,
                                           std::stop_token stop) {
    const store::Staging staging(config.staging.path);
    if (config.offsite.empty() || config.media.elsewhere || staging.latest()) return std::nullopt;
    const auto scratch = config.state_directory / "take-over";
    const auto keys = store::read_keys(config.state_directory).trusted;
    Remotes remotes;
    for (const auto& entry : config.offsite)
        remotes.push_back(offsite::make_remote(entry, scratch));
    for (const auto& remote : remotes) {
        try {
            const auto there = look_at_sets(*remote, staging, keys, scratch, stop);
            if (!there.unread.empty())
                warnings.push_back(fmt::format("not every set at the remote '{}' was checked: {}",
                                               remote->name(), there.unread));
            const auto* set = newest_good(there);
            if (set == nullptr) {
                if (const auto foreign = foreign_sets(there); foreign > 0)
                    warnings.push_back(fmt::format(
                        "no set is taken over from the remote '{}': {} there, but not signed "
                        "by a key that this host trusts; hint: put the old host's 'signing.key' "
                        "back into '{}', or its 'signing.pub' into 'trusted' there",
                        remote->name(), counted(foreign, "set is", "sets are"),
                        config.state_directory.native()));
                continue;
            }
            const auto packs = where_packs_are(*set->manifest, *remote, remotes, now, stop);
            adopt(config, *remote, *set, packs, stop);
            know_contents(config, *set->manifest, warnings, stop);
            return AdoptedSet{remote->name(), *set->manifest};
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
            warnings.push_back(fmt::format("no set could be taken over from the remote '{}': {}",
                                           remote->name(), error.what()));
        }
    }
    return std::nullopt;
}

}  // namespace mastobak::backup
