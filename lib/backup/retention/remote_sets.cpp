// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/retention/remote_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "backup/retention/fetched.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/text.hpp"
#include "offsite/objects_of_set.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/formats/sha256sums.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;

namespace {

const std::string manifest_name = "manifest.json";
const std::string sums_name = "SHA256SUMS";
const std::string signature_name(store::signature_name);
using store::largest_manifest;
using store::largest_sums;
/// The limit for sets at a remote, more than ten years of nights. Each set costs a request, and a
/// user who may only add could add any number of directories.
constexpr std::size_t most_sets = 5000;
/// The limit for the lists and manifests of other hosts that one call reads.
constexpr Bytes most_foreign{std::uint64_t{64} << 20};

using Files = std::map<std::string, Bytes>;

std::string difference(const Files& files, const std::string& name, Bytes size) {
    const auto found = files.find(name);
    if (found == files.end()) return fmt::format("'{}' is missing", name);
    if (found->second == size) return {};
    return fmt::format("'{}' has {} instead of {} bytes", name, found->second.count, size.count);
}

std::string damage_of(const store::Manifest& manifest, const Files& files, const Files& packs) {
    for (const auto& artifact : manifest.artifacts)
        if (auto damage = difference(files, artifact.name, artifact.size); !damage.empty())
            return damage;
    for (const auto& file : shared_files(manifest))
        if (auto damage = difference(packs, file.name, file.size); !damage.empty()) return damage;
    return {};
}

/// Reads the files that say which host made a set, and which packs the set needs.
struct Look {
    offsite::Remote& remote;
    const store::Staging& staging;
    const std::vector<signify::PublicKey>& keys;
    const fs::path& scratch;
    const std::stop_token& stop;
    Bytes of_others{};  ///< bytes read for sets of other hosts
    bool full = false;  ///< the limit is reached: some sets were not read

    /// Throws Error{corrupt} when the manifest does not match the set's SHA256SUMS.
    void read(RemoteSet& set) {
        if (is_the_one_here(set)) return;
        if (of_others > most_foreign) {
            full = true;
            throw Error(Errc::corrupt,
                        fmt::format("it was not checked, as sets that are not ours have lists of "
                                    "more than {}",
                                    to_string(most_foreign)));
        }
        if (!set.files.contains(sums_name))
            throw Error(Errc::corrupt, fmt::format("'{}' is missing", sums_name));
        const auto text = fetch(set, sums_name, largest_sums);
        const auto foreign = store::why_foreign(text, signature_of(set), keys);
        const auto sums_where = where(set, sums_name);
        for (auto& sum : store::parse_sha256sums(text, sums_where))
            if (auto shared = store::shared_in_sums(sum.name))
                set.shared.push_back(std::move(*shared));
        require_size(set, manifest_name, largest_manifest);
        const Fetched manifest(remote, where(set, manifest_name), set.files.at(manifest_name),
                               scratch, stop);
        require_sum(text, manifest.sha256, sums_where);
        set.manifest = store::parse_manifest(manifest.text, where(set, manifest_name));
        set.foreign = set.manifest->set == set.name
                          ? foreign
                          : fmt::format("it is a copy of '{}'", set.manifest->set);
        if (set.foreign.empty()) return;
        store::Manifest needed;
        needed.set = std::move(set.manifest->set);
        needed.artifacts = std::move(set.manifest->artifacts);
        needed.media.packs = std::move(set.manifest->media.packs);
        needed.media.index_base = std::move(set.manifest->media.index_base);
        needed.database.base = std::move(set.manifest->database.base);
        set.manifest = std::move(needed);
    }

    /// Counts the bytes read for a set of another host towards the limit.
    void count(const RemoteSet& set) {
        for (const auto& leaf : {manifest_name, sums_name})
            if (const auto file = set.files.find(leaf);
                file != set.files.end() && file->second <= largest_sums)
                of_others += file->second;
    }

    /// Adds the packs that an unconfirmed manifest names, so that they are kept: the set may be one
    /// of this host's whose lists are damaged.
    void hold_shared(RemoteSet& set) {
        try {
            const auto text = fetch(set, manifest_name, largest_manifest);
            for (const auto& file :
                 shared_files(store::parse_manifest(text, where(set, manifest_name))))
                set.shared.push_back(file.name);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
        }
    }

 private:
    /// Returns whether staging has the same set, signed and with files of the same sizes. If so,
    /// fills in what staging has about it.
    bool is_the_one_here(RemoteSet& set) {
        const bool is_signed = set.files.contains(signature_name);
        if (!is_here(set, manifest_name) || !is_here(set, sums_name) ||
            (is_signed && !is_here(set, signature_name)))
            return false;
        if (!store::why_foreign(staging, set.name, keys).empty()) return false;
        if (!is_signed && !sums_are_the_same(set)) return false;
        set.lacks_signature = !is_signed;
        set.manifest = staging.manifest(set.name);
        set.foreign.clear();
        return true;
    }
    static std::string where(const RemoteSet& set, const std::string& leaf) {
        return fmt::format("sets/{}/{}", set.name, leaf);
    }
    static void require_size(const RemoteSet& set, const std::string& leaf, Bytes limit) {
        if (set.files.at(leaf) > limit)
            throw Error(Errc::corrupt,
                        fmt::format("'{}' has {}, which is too large", where(set, leaf),
                                    to_string(set.files.at(leaf))));
    }
    std::string fetch(const RemoteSet& set, const std::string& leaf, Bytes limit) {
        require_size(set, leaf, limit);
        return Fetched(remote, where(set, leaf), set.files.at(leaf), scratch, stop).text;
    }
    std::string signature_of(const RemoteSet& set) {
        if (!set.files.contains(signature_name)) return {};
        return fetch(set, signature_name, signify::largest_file);
    }
    bool is_here(const RemoteSet& set, const std::string& leaf) const {
        const auto there = set.files.find(leaf);
        std::error_code error;
        const auto size = fs::file_size(staging.set(set.name) / leaf, error);
        return !error && there != set.files.end() && there->second.count == size;
    }
    bool sums_are_the_same(const RemoteSet& set) {
        return fetch(set, sums_name, largest_sums) ==
               read_file(staging.set(set.name) / sums_name, Errc::corrupt);
    }
};

}  // namespace

bool RemoteSet::is_visible() const {
    return files.contains(manifest_name);
}

RemoteSets look_at_sets(offsite::Remote& remote, const store::Staging& staging,
                        const std::vector<signify::PublicKey>& keys, const fs::path& scratch,
                        const std::stop_token& stop) {
    RemoteSets found;
    found.shared = offsite::list_shared(remote, stop);
    Look look{remote, staging, keys, scratch, stop};
    auto names = remote.directories("sets", stop);
    std::erase_if(names, [](const auto& name) { return !store::is_set_name(name); });
    if (names.size() > most_sets)
        throw Error(Errc::offsite,
                    fmt::format("the remote '{}' has {}, more than {}", remote.name(),
                                counted(names.size(), "set"), most_sets),
                    "remove by hand those that are not yours");
    for (const auto& name : names) {
        RemoteSet set;
        set.name = name;
        set.files = remote.list(fmt::format("sets/{}", name), stop);
        if (set.is_visible()) try {
                look.read(set);
                set.damage = damage_of(*set.manifest, set.files, found.shared);
            } catch (const Error& error) {
                if (error.code() != Errc::corrupt) throw;
                set.damage = error.text();
                // Only the manifest says which host made the set. Without a valid manifest, the set
                // counts as foreign, even if its signature is valid.
                set.foreign = error.text();
                if (set.shared.empty() && !look.full) look.hold_shared(set);
            }
        if (set.is_visible() && !set.foreign.empty() && !look.full) look.count(set);
        found.sets.push_back(std::move(set));
    }
    if (look.full)
        found.unread = fmt::format("lists of sets that are not ours have more than {}",
                                   to_string(most_foreign));
    return found;
}

}  // namespace mastobak::backup
