// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/new_set.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/text.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/formats/sha256sums.hpp"
#include "store/formats/signature.hpp"
#include "store/pack_record.hpp"
#include "store/restore_instructions.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

/// The hint about a file of ours that is not as it was written a moment ago.
constexpr auto what_to_suspect =
    "look for errors of the disk in the kernel's log ('journalctl -k'); no other program may write "
    "there";

void make_directory(const fs::path& path) {
    if (::mkdir(path.c_str(), 0700) != 0)
        throw errno_error(Errc::staging, fmt::format("make the directory '{}'", path.native()),
                          errno);
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

/// Reads a file back and compares it; sets mode 0600 and fsyncs it.
void check_and_sync(const fs::path& file, Bytes size, const Digest& sha256, std::stop_token stop) {
    UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd)
        throw errno_error(Errc::corrupt, fmt::format("open '{}'", file.native()), errno,
                          what_to_suspect);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
        throw Error(Errc::corrupt, fmt::format("'{}' is not a regular file", file.native()),
                    what_to_suspect);
    if (const Bytes found{static_cast<std::uint64_t>(status.st_size)}; found != size)
        throw Error(Errc::corrupt,
                    fmt::format("'{}' has {}, but {} were written", file.native(),
                                counted(found.count, "byte"), size.count),
                    what_to_suspect);
    if (sha256_of_file(file, stop) != sha256)
        throw Error(Errc::corrupt,
                    fmt::format("'{}' reads differently from what was written", file.native()),
                    what_to_suspect);
    if (::fchmod(fd.get(), 0600) != 0)
        throw errno_error(Errc::staging, fmt::format("chmod '{}'", file.native()), errno);
    sync_and_close(std::move(fd), file);
}

/// Checks a pack of an earlier run that is not off-site only. Its contents were compared when it
/// was published, and are again by `verify`.
void check_published_pack(const fs::path& file, const PackReference& pack) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (error || size != pack.size.count)
        throw Error(Errc::corrupt,
                    fmt::format("the set needs the pack '{}', which {}", file.native(),
                                error ? "does not exist" : "has a different size"),
                    "`mastobak verify --all` shows which sets are damaged");
}

/// Moves files to their published places, and moves them back unless keep() was called.
class Publication {
 public:
    Publication() = default;
    Publication(const Publication&) = delete;
    Publication& operator=(const Publication&) = delete;
    ~Publication() {
        if (kept_) return;
        std::reverse(moves_.begin(), moves_.end());
        for (const auto& [from, to] : moves_) {
            // A rename is also undone if only the fsync of its directory failed. If `from` still
            // exists, the rename has failed, and the file at `to` belongs to another set.
            std::error_code ignored;
            if (!is_there(from)) fs::rename(to, from, ignored);
        }
    }

    void move(const fs::path& from, const fs::path& to) {
        moves_.emplace_back(from, to);
        mastobak::publish(from, to);
    }
    void keep() { kept_ = true; }

 private:
    std::vector<std::pair<fs::path, fs::path>> moves_;
    bool kept_ = false;
};

}  // namespace

NewSet::NewSet(const Staging& staging, std::string name)
    : staging_(staging), name_(std::move(name)) {
    if (!is_set_name(name_))
        throw Error(Errc::internal, fmt::format("'{}' is not a set name", name_));
    if (is_there(staging_.set(name_)))
        throw Error(Errc::staging, fmt::format("the set '{}' already exists", name_));
    make_directory(directory());
    try {
        make_directory(pack_directory());
    } catch (...) {
        remove_leftovers();
        throw;
    }
}

NewSet::~NewSet() {
    remove_leftovers();
}

void NewSet::remove_leftovers() noexcept {
    std::error_code ignored;
    fs::remove_all(directory(), ignored);
    fs::remove_all(pack_directory(), ignored);
}

fs::path NewSet::directory() const {
    return staging_.partial() / name_;
}

fs::path NewSet::pack_directory() const {
    return staging_.partial() / (name_ + "-media");
}

void NewSet::add(Artifact artifact) {
    if (!is_plain_name(artifact.name))
        throw Error(Errc::internal,
                    fmt::format("'{}' is not the name of an artifact", artifact.name));
    artifacts_.push_back(std::move(artifact));
}

void NewSet::write_description(const std::string& name, const std::string& text) const {
    if (Bytes{text.size()} > largest_manifest)
        throw Error(
            Errc::staging,
            fmt::format("'{}' of the set would have {}, more than the {} that are read again", name,
                        to_string(Bytes{text.size()}), to_string(largest_manifest)),
            "look in Mastodon's database for a great number of tables, and for very long names");
    write_file(directory() / name, text);
}

void NewSet::write_descriptions(Manifest& manifest) const {
    manifest.artifacts = artifacts_;
    const auto instructions =
        restore_instructions(manifest, key_ ? std::optional(key_->half) : std::nullopt);
    write_description("RESTORE.md", instructions);
    manifest.artifacts.push_back(
        {"RESTORE.md", Bytes{instructions.size()}, sha256_of(instructions)});

    const auto text = to_json(manifest);
    write_description("manifest.json", text);

    std::vector<Sum> sums{{"manifest.json", sha256_of(text)}};
    for (const auto& artifact : manifest.artifacts)
        sums.push_back({artifact.name, artifact.sha256});
    for (const auto& file : shared_files(manifest))
        sums.push_back({path_in_sums(file.name), file.sha256});
    const auto lines = to_sha256sums(sums);
    write_description("SHA256SUMS", lines);
    if (key_) write_file(directory() / signature_name, signify::sign(lines, *key_));
}

std::vector<std::pair<fs::path, fs::path>> NewSet::check_packs(const Manifest& manifest,
                                                               const std::stop_token& stop) const {
    std::map<std::string, PackRecord> unfinished;
    for (auto& record : unfinished_packs(staging_)) unfinished.emplace(record.name, record);
    const AwayPacks away(staging_);
    std::vector<std::pair<fs::path, fs::path>> moves;
    for (const auto& pack : shared_files(manifest)) {
        auto file = pack_directory() / pack.name;
        auto from = PackPlace::being_made;
        if (is_there(file)) {
            check_and_sync(file, pack.size, pack.sha256, stop);
        } else {
            const auto kept = unfinished.find(pack.name);
            from = kept != unfinished.end() ? kept->second.place
                   : away.find(pack)        ? PackPlace::off_site
                                            : PackPlace::here;
            file = file_at(staging_, from, pack.name);
            if (from == PackPlace::unfinished) check_unfinished(pack, stop);
            if (from == PackPlace::here) check_published_pack(file, pack);
        }
        const auto to = moved(pack.name, from, PackEvent::published);
        if (to == from) continue;
        moves.emplace_back(std::move(file), file_at(staging_, to, pack.name));
        make_directories(moves.back().second.parent_path());
    }
    return moves;
}

// A pack that was damaged after it was made must not make the next run fail, too.
void NewSet::check_unfinished(const PackReference& pack, const std::stop_token& stop) const {
    try {
        check_and_sync(staging_.unfinished() / pack.name, pack.size, pack.sha256, stop);
    } catch (const Error& error) {
        if (error.code() == Errc::corrupt)
            drop_unfinished(staging_, pack.name, PackPlace::unfinished);
        throw;
    }
}

// The next run removes what this function cannot remove.
void NewSet::remove_unfinished() const noexcept {
    std::error_code ignored;
    fs::remove_all(staging_.unfinished(), ignored);
}

Manifest NewSet::publish(Manifest manifest, std::stop_token stop) {
    if (manifest.set != name_)
        throw Error(Errc::internal,
                    fmt::format("the manifest of '{}' is for the set '{}'", name_, manifest.set));
    for (const auto& artifact : artifacts_)
        check_and_sync(directory() / artifact.name, artifact.size, artifact.sha256, stop);
    const auto moves = check_packs(manifest, stop);
    write_descriptions(manifest);
    // A manifest that a reader would refuse must not become visible.
    parse_manifest(read_file(directory() / "manifest.json"), "manifest.json");
    sync_directory(directory());
    sync_directory(pack_directory());
    if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");

    Publication publication;
    for (const auto& [from, to] : moves) publication.move(from, to);
    publication.move(directory(), staging_.set(name_));
    publication.keep();
    remove_unfinished();
    return manifest;
}

}  // namespace mastobak::store
