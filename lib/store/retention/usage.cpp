// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention/usage.hpp"

#include <algorithm>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/pack_record.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

/// A week, in which every day of the week occurs.
constexpr std::size_t recent = 7;

Bytes size_of_files(const Manifest& manifest) {
    Bytes sum;
    for (const auto& artifact : manifest.artifacts) sum += artifact.size;
    return sum;
}

/// Returns whether the night had no earlier set to continue from: it has made all its packs itself.
bool is_first(const Manifest& manifest) {
    const auto& packs = manifest.media.packs;
    return std::all_of(packs.begin(), packs.end(),
                       [&](const auto& pack) { return set_that_made(pack.name) == manifest.set; });
}

/// Adds the shared files in a directory.
/// \param live bytes of each that sets need
void add_shared(Usage& usage, const fs::path& directory, const std::map<std::string, Bytes>& live) {
    for (const auto& path : entries_of(directory)) {
        const auto name = path.filename().native();
        std::error_code ignored;
        const Bytes size{fs::file_size(path, ignored)};
        if (ignored || !is_shared_name(name)) continue;
        const auto known = live.find(name);
        const auto needed = known == live.end() ? Bytes{} : std::min(known->second, size);
        usage.live += needed;
        usage.dead += Bytes{size.count - needed.count};
    }
}

void look_ahead(Usage& usage, const std::vector<Manifest>& manifests) {
    auto& next = usage.next;
    for (auto it = manifests.rbegin(); it != manifests.rend() && next.nights < recent; ++it) {
        // Without media, the first night is like any other.
        if (is_first(*it) && !it->media.packs.empty()) continue;
        next.bytes = std::max(next.bytes, own_bytes(*it));
        ++next.nights;
    }
    if (next.nights == 0 && !manifests.empty()) next.bytes = size_of_files(manifests.back());
}

}  // namespace

Bytes own_bytes(const Manifest& manifest) {
    auto sum = size_of_files(manifest);
    for (const auto& file : shared_files(manifest))
        if (set_that_made(file.name) == manifest.set) sum += file.size;
    return sum;
}

std::map<std::string, PackLife> life_of_packs(const std::vector<Manifest>& manifests) {
    std::map<std::string, PackLife> packs;
    for (const auto& manifest : manifests)
        for (const auto& pack : manifest.media.packs) {
            auto& life = packs[pack.name];
            life.size = pack.size;
            life.live = std::max(life.live, std::min(pack.live, pack.size));
            if (&manifest == &manifests.back()) life.newest = std::min(pack.live, pack.size);
        }
    return packs;
}

Usage measure(const Staging& staging) {
    Usage usage;
    std::vector<Manifest> manifests;
    for (const auto& set : staging.list()) {
        ++usage.sets;
        try {
            manifests.push_back(staging.manifest(set));
            usage.live += size_of_files(manifests.back());
        } catch (const Error&) {
            usage.unreadable.push_back(set);
        }
    }
    std::map<std::string, Bytes> live;
    for (const auto& [name, life] : life_of_packs(manifests)) live[name] = life.live;
    for (const auto& manifest : manifests) {
        if (const auto& base = manifest.database.base) live[base->name] = base->size;
        if (const auto& base = manifest.media.index_base) live[base->name] = base->size;
    }
    for (const auto& directory : {staging.media(), staging.database()})
        add_shared(usage, directory, live);
    for (const auto& record : read_records(staging.away())) usage.away += record.size;
    for (const auto& record : unfinished_packs(staging))
        if (!is_off_site(record.place)) usage.unfinished += record.size;
    look_ahead(usage, manifests);
    return usage;
}

}  // namespace mastobak::store
