// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/staging.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/lock_file.hpp"
#include "core/files/open.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/marks.hpp"
#include "store/pack_record.hpp"
#include "store/retention/prune.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;
namespace {

/// Returns the files in unfinished/ that do not belong to a complete pack, or that belong to a pack
/// which was published.
std::vector<fs::path> useless_in_unfinished(const Staging& staging) {
    std::set<std::string> of_use;
    for (const auto& record : unfinished_packs(staging)) {
        const auto is_at = [&](PackPlace place) {
            std::error_code ignored;
            return fs::exists(file_at(staging, place, record.name), ignored);
        };
        if (is_at(PackPlace::here) || is_at(PackPlace::off_site)) continue;
        of_use.insert(record_file({}, record.name));
        of_use.insert(lines_of(staging, record.name).filename());
        if (!is_off_site(record.place)) of_use.insert(record.name);
    }
    std::vector<fs::path> files = entries_of(staging.unfinished());
    std::erase_if(files, [&](const auto& file) { return of_use.contains(file.filename()); });
    return files;
}

constexpr auto hint =
    "set staging.path to a file system of this host (ext4, xfs, btrfs), or look at the options of "
    "its mount: findmnt -T";

void check_private(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0)
        throw errno_error(Errc::staging, fmt::format("look at '{}'", file.native()), errno);
    if ((status.st_mode & 077) == 0) return;
    throw Error(Errc::staging,
                fmt::format("the file system of '{}' gives a file mode {:04o} instead of 0600: "
                            "secrets would be readable for other users",
                            file.parent_path().parent_path().native(), status.st_mode & 07777),
                "mount it with umask=077 (vfat, exfat) or file_mode=0600,dir_mode=0700 (cifs)");
}

void check_replaces_nothing(const fs::path& from, const fs::path& to) {
    try {
        publish(from, to);
    } catch (const Error&) {
        return;
    }
    throw Error(Errc::staging,
                fmt::format("a rename on the file system of '{}' replaces what is there",
                            to.parent_path().parent_path().native()),
                hint);
}

}  // namespace

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

std::vector<std::string> Staging::clean() const {
    std::vector<std::string> removed;
    auto useless = entries_of(partial());
    std::ranges::copy(useless_in_unfinished(*this), std::back_inserter(useless));
    for (const auto& path : useless) {
        remove_path(path);
        removed.push_back(path.lexically_relative(root_));
    }
    try {
        for (const auto& pack : unneeded_packs(*this, {})) {
            remove_pack(*this, pack);
            removed.push_back(shared_path(pack));
        }
    } catch (const Error& error) {
        // A manifest cannot be read, so it is not known which packs that set needs. Keeping a pack
        // too long costs only room.
        if (error.code() != Errc::corrupt) throw;
    }
    if (!removed.empty()) sync_shared(*this);
    forget_damage_of_others(*this);
    return removed;
}

void check_file_system(const fs::path& directory) {
    try {
        const Temporary probe(directory / fmt::format(".probe-{}", ::getpid()));
        make_directories(probe.path());
        const auto file = probe.path() / std::string(100, 'n');
        const auto published = probe.path() / "published";
        write_file(file, "probe");
        check_private(file);
        publish(file, published);
        write_file(file, "probe");
        check_replaces_nothing(file, published);
        make_directories(probe.path() / "set");
        write_file(probe.path() / "set/file", "probe");
        publish(probe.path() / "set", probe.path() / "published-set");
    } catch (const Error& error) {
        throw Error(error.code(),
                    fmt::format("the staging directory '{}' cannot take a set: {}",
                                directory.native(), error.text()),
                    error.hint().empty() ? hint : error.hint());
    }
}

}  // namespace mastobak::store
