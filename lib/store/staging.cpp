// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/staging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/lock_file.hpp"
#include "core/files/open.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

Staging::Staging(fs::path root) : root_(std::move(root)) {}

void Staging::prepare() const {
    for (const auto& directory : {sets(), media(), partial()}) make_directories(directory);
}

std::vector<std::string> Staging::list() const {
    std::vector<std::string> names;
    for (const auto& path : entries_of(sets()))
        if (std::error_code ignored;
            is_set_name(path.filename().native()) &&
            fs::symlink_status(path, ignored).type() == fs::file_type::directory)
            names.push_back(path.filename());
    std::ranges::sort(names);
    return names;
}

std::optional<std::string> Staging::latest() const {
    auto names = list();
    if (names.empty()) return std::nullopt;
    return std::move(names.back());
}

bool Staging::has_name(const std::string& name) const {
    if (fs::exists(fs::symlink_status(set(name)))) return true;
    for (const auto& directory : {media(), database(), away(), unfinished()})
        for (const auto& path : entries_of(directory))
            if (set_that_made(path.filename().native()) == name) return true;
    return false;
}

Manifest Staging::manifest(const std::string& name) const {
    const auto file = set(name) / "manifest.json";
    auto manifest = parse_manifest(
        read_beneath(root(), "sets/" + name + "/manifest.json", Errc::corrupt, largest_manifest),
        file.native());
    if (manifest.set != name)
        throw Error(Errc::corrupt, fmt::format("'{}' is the manifest of another set, '{}'",
                                               file.native(), manifest.set));
    return manifest;
}

StoredIndex Staging::index(const Manifest& manifest) const {
    const auto directory = set(manifest.set);
    const auto& base = manifest.media.index_base;
    const auto* whole = base ? &*base : listed_artifact(manifest, whole_index);
    StoredIndex index;
    index.whole = base ? shared(base->name) : directory / whole_index;
    if (whole != nullptr) index.sha256 = whole->sha256;
    if (has_index_changes(manifest)) {
        index.changes = directory / index_changes;
        // Changes alone can be the same for two bases.
        Sha256 both;
        both.update(std::as_bytes(std::span(index.sha256.bytes)));
        both.update(
            std::as_bytes(std::span(listed_artifact(manifest, index_changes)->sha256.bytes)));
        index.sha256 = both.finish();
    }
    if (listed_artifact(manifest, index_parts) != nullptr) index.parts = directory / index_parts;
    return index;
}

UniqueFd lock(const Staging& staging) {
    return lock_file(staging.root() / ".lock", fmt::format("'{}'", staging.root().native()));
}

}  // namespace mastobak::store
