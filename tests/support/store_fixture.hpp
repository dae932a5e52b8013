// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/new_set.hpp"
#include "store/staging.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A staging directory with small sets. Link with mastobak::store.
struct StoreFixture {
    TemporaryDirectory directory;
    store::Staging staging{directory / "staging"};
    std::optional<signify::SecretKey> key;  ///< publish() signs sets with this key

    StoreFixture() { staging.prepare(); }

    /// Writes a file into the set and adds it to the list of artifacts.
    static void add_artifact(store::NewSet& set, const std::string& name,
                             std::string_view contents) {
        write(set.directory() / name, contents);
        set.add({name, Bytes{contents.size()}, digest(contents)});
    }

    /// Writes a pack of this run.
    static store::PackReference add_pack(const store::NewSet& set, const std::string& number,
                                         std::string_view contents) {
        const auto name = set.name() + "-" + number + ".tar";
        write(set.pack_directory() / name, contents);
        return {name, Bytes{contents.size()}, digest(contents), 1, Bytes{contents.size()}};
    }

    static store::Manifest manifest(const std::string& set,
                                    std::vector<store::PackReference> packs = {}) {
        store::Manifest manifest;
        manifest.set = set;
        manifest.media.packs = std::move(packs);
        return manifest;
    }

    /// Publishes a set with an artifact, a new pack, and the given older packs.
    store::Manifest publish(const std::string& name,
                            std::vector<store::PackReference> older_packs = {}) const {
        store::NewSet set(staging, name);
        add_artifact(set, "database.dump.zst", "dump of " + name);
        add_artifact(set, "media.index.zst", "index of " + name);
        older_packs.push_back(add_pack(set, "0001", "pack of " + name));
        if (key) set.sign_with(*key);
        return set.publish(manifest(name, std::move(older_packs)), {});
    }

    static Digest digest(std::string_view text) {
        Sha256 hash;
        hash.update(std::as_bytes(std::span(text)));
        return hash.finish();
    }
};

/// Returns the names of all entries of a directory, sorted.
inline std::vector<std::string> names_in(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace mastobak::test
