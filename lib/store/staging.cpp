// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/staging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/lock_file.hpp"
#include "core/open.hpp"
#include "store/formats/names.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

Staging::Staging(fs::path root) : root_(std::move(root)) {}

void Staging::prepare() const {
    for (const auto& directory : {sets(), media(), partial()}) make_directories(directory);
}

std::vector<std::string> Staging::list() const {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(sets(), error), end; !error && it != end; it.increment(error))
        if (std::error_code ignored; is_set_name(it->path().filename().native()) &&
                                     it->symlink_status(ignored).type() == fs::file_type::directory)
            names.push_back(it->path().filename());
    // A missing directory means that no set was made yet.
    if (error && error != std::errc::no_such_file_or_directory)
        throw errno_error(Errc::staging, fmt::format("read '{}'", sets().native()), error.value());
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<std::string> Staging::latest() const {
    auto names = list();
    if (names.empty()) return std::nullopt;
    return std::move(names.back());
}

bool Staging::has_name(const std::string& name) const {
    if (fs::exists(fs::symlink_status(set(name)))) return true;
    for (const auto& directory : {media(), database(), away(), unfinished()}) {
        std::error_code error;
        for (fs::directory_iterator it(directory, error), end; !error && it != end;
             it.increment(error))
            if (set_that_made(it->path().filename().native()) == name) return true;
        if (error && error != std::errc::no_such_file_or_directory)
            throw errno_error(Errc::staging, fmt::format("read '{}'", directory.native()),
                              error.value());
    }
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
