// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/source/set_source.hpp"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "media/index/index_parts.hpp"
#include "offsite/object_name.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "restore/source/checked_files.hpp"
#include "restore/source/partial_index.hpp"
#include "restore/source/remote_packs.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/formats/sha256sums.hpp"
#include "store/staging.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;
namespace {

class DirectorySets : public SetSource {
 public:
    DirectorySets(fs::path directory, std::vector<config::Remote> remotes, fs::path scratch)
        : staging_(std::move(directory)),
          name_(fmt::format("'{}'", staging_.root().native())),
          remotes_(std::move(remotes)),
          scratch_(std::move(scratch)) {}

    const std::string& name() const override { return name_; }

    std::vector<std::string> list(std::stop_token) override { return staging_.list(); }

    store::Manifest manifest(const std::string& set, std::stop_token) override {
        const auto directory = staging_.set(set);
        const auto sums = read_file(directory / "SHA256SUMS", Errc::corrupt, store::largest_sums);
        const auto signature = directory / store::signature_name;
        std::error_code error;
        std::optional<std::string> signed_there;
        if (fs::exists(signature, error))
            signed_there = read_file(signature, Errc::corrupt, signify::largest_file);
        note_signature(sums, std::move(signed_there));
        return checked_manifest(
            read_file(directory / "manifest.json", Errc::corrupt, store::largest_manifest), sums,
            directory.native(), set);
    }

    fs::path artifact(const store::Manifest& manifest, const std::string& artifact,
                      std::stop_token stop) override {
        auto file = is_shared_by(manifest, artifact) ? staging_.shared(artifact)
                                                     : staging_.set(manifest.set) / artifact;
        const auto sha256 = sha256_of_file(file, stop);
        if (sha256 != artifact_of(manifest, artifact).sha256)
            throw Error(Errc::corrupt,
                        fmt::format("'{}' is not what the manifest says", file.native()),
                        "mastobak verify says what else is damaged; another set, or --from a "
                        "remote, may be intact");
        return file;
    }

    MediaIndex index(const store::Manifest& manifest, const Selection&,
                     std::stop_token stop) override {
        MediaIndex index;
        index.file = stored_index(manifest, [&](const std::string& name) {
            index.size += artifact_of(manifest, name).size;
            return artifact(manifest, name, stop);
        });
        return index;
    }

    std::unique_ptr<PackSource> packs(std::stop_token stop) override {
        std::vector<std::unique_ptr<PackSource>> others;
        for (const auto& remote : remotes_)
            others.push_back(std::make_unique<RemotePacks>(
                [&remote, scratch = scratch_] { return offsite::make_remote(remote, scratch); },
                scratch_, stop,
                remote.type == config::RemoteType::rsync ? RemotePacks::whole_packs
                                                         : RemotePacks::usual_piece));
        return std::make_unique<PacksBeside>(staging_.media(), std::move(others));
    }

 private:
    store::Staging staging_;
    std::string name_;
    std::vector<config::Remote> remotes_;
    fs::path scratch_;
};

/// An index up to this size is fetched as fast as the list of its parts and one part.
constexpr Bytes small_index{std::uint64_t{512} << 10};

class RemoteSets : public SetSource {
 public:
    RemoteSets(config::Remote entry, fs::path scratch)
        : entry_(std::move(entry)),
          name_(fmt::format("remote '{}'", entry_.name)),
          scratch_(std::move(scratch)),
          remote_(offsite::make_remote(entry_, scratch_)) {
        make_directories(scratch_, 0700, Errc::environment);
    }

    ~RemoteSets() override {
        std::error_code ignored;
        for (const auto& file : files_) fs::remove(file, ignored);
    }
    RemoteSets(const RemoteSets&) = delete;
    RemoteSets& operator=(const RemoteSets&) = delete;

    const std::string& name() const override { return name_; }

    std::vector<std::string> list(std::stop_token stop) override {
        std::vector<std::string> sets;
        for (const auto& name : remote_->directories("sets", stop))
            if (store::is_set_name(name) && files_of(name, stop).contains("manifest.json"))
                sets.push_back(name);
        return sets;
    }

    store::Manifest manifest(const std::string& set, std::stop_token stop) override {
        const auto where = "sets/" + set;
        const auto files = files_of(set, stop);
        const auto text = [&](const std::string& name) {
            const auto found = files.find(name);
            if (found == files.end())
                throw Error(Errc::corrupt, fmt::format("{} has no '{}/{}'", name_, where, name));
            if (found->second > store::largest_manifest)
                throw Error(Errc::corrupt,
                            fmt::format("'{}/{}' at {} is larger than {}", where, name, name_,
                                        to_string(store::largest_manifest)),
                            "another set, or --from another place, may be intact");
            const auto file = scratch_ / name;
            get({where + "/" + name, {}, found->second, found->second}, file, stop);
            return read_file(file, Errc::corrupt, store::largest_manifest);
        };
        const auto sums = text("SHA256SUMS");
        const std::string signature(store::signature_name);
        std::optional<std::string> signed_there;
        if (const auto found = files.find(signature); found != files.end())
            signed_there = found->second > signify::largest_file ? std::string() : text(signature);
        note_signature(sums, std::move(signed_there));
        return checked_manifest(text("manifest.json"), sums, where, set);
    }

    fs::path artifact(const store::Manifest& manifest, const std::string& artifact,
                      std::stop_token stop) override {
        const auto wanted = artifact_of(manifest, artifact);
        auto file = place_of(manifest, artifact);
        if (is_at_hand(file)) return file;
        const auto name = object_of(manifest, artifact);
        const auto files = remote_->list(offsite::split_name(name).directory, stop);
        const auto there = files.find(artifact);
        if (there == files.end())
            throw Error(Errc::corrupt, fmt::format("{} has no '{}'", name_, name));
        if (there->second != wanted.size ||
            get({name, {}, wanted.size, wanted.size}, file, stop) != wanted.sha256)
            throw Error(Errc::corrupt,
                        fmt::format("'{}' at {} is not what the manifest says", name, name_),
                        "another set, or --from another place, may be intact");
        checked_.insert(file);
        return file;
    }

    MediaIndex index(const store::Manifest& manifest, const Selection& selection,
                     std::stop_token stop) override {
        const auto names = files_of_index(manifest);
        const auto whole = artifact_of(manifest, names.front());
        const auto list = find_artifact(manifest, store::index_parts);
        // rsync cannot fetch a range: a part costs as much as the whole index.
        const bool in_parts = list && !selection.is_all() && whole.size > small_index &&
                              entry_.type != config::RemoteType::rsync &&
                              !is_at_hand(place_of(manifest, whole.name));
        const auto changes = names.size() > 1 ? artifact_of(manifest, names[1]).size : Bytes{};
        if (in_parts) {
            auto& partial = partial_index(manifest, whole, stop);
            if (const auto made = partial.of(selection, stop))
                return {made->file, list->size + changes + made->size};
        }
        MediaIndex index{{}, whole.size + changes};
        index.file = stored_index(
            manifest, [&](const std::string& name) { return artifact(manifest, name, stop); });
        return index;
    }

    std::unique_ptr<PackSource> packs(std::stop_token stop) override {
        return std::make_unique<RemotePacks>(
            [this] { return offsite::make_remote(entry_, scratch_); }, scratch_, std::move(stop),
            entry_.type == config::RemoteType::rsync ? RemotePacks::whole_packs
                                                     : RemotePacks::usual_piece);
    }

    bool is_far() const override { return true; }
    Bytes fetched() const override { return fetched_; }
    TimeFit fetch_times() const override { return times_; }

 private:
    fs::path place_of(const store::Manifest& manifest, const std::string& artifact) const {
        return scratch_ / fmt::format("{}-{}", manifest.set, artifact);
    }
    static std::string object_of(const store::Manifest& manifest, const std::string& artifact) {
        return is_shared_by(manifest, artifact) ? store::shared_path(artifact)
                                                : fmt::format("sets/{}/{}", manifest.set, artifact);
    }
    bool is_at_hand(const fs::path& file) const {
        std::error_code ignored;
        return checked_.contains(file) && fs::exists(file, ignored);
    }
    PartialIndex& partial_index(const store::Manifest& manifest, const store::Artifact& whole,
                                const std::stop_token& stop) {
        auto& index = partial_[manifest.set];
        if (index) return *index;
        const auto list = artifact(manifest, store::index_parts, stop);
        const auto name = object_of(manifest, whole.name);
        const auto changes = has_index_changes(manifest)
                                 ? artifact(manifest, store::index_changes, stop)
                                 : fs::path();
        index = std::make_unique<PartialIndex>(
            media::read_index_parts(list, whole.size), changes,
            scratch_ / (manifest.set + "-index"), fmt::format("'{}' at {}", name, name_),
            [this, name](Bytes offset, Bytes size, const fs::path& file, const auto& stopped) {
                get({name, offset, size}, file, stopped);
            });
        return *index;
    }

    std::map<std::string, Bytes> files_of(const std::string& set, const std::stop_token& stop) {
        return remote_->list("sets/" + set, stop);
    }
    Digest get(const offsite::Part& part, const fs::path& file, const std::stop_token& stop) {
        std::error_code ignored;
        fs::remove(file, ignored);
        files_.insert(file);
        const auto began = std::chrono::steady_clock::now();
        const auto digest = remote_->get(part, file, stop);
        times_.add(part.length, std::chrono::steady_clock::now() - began);
        fetched_ += part.length;
        return digest;
    }

    config::Remote entry_;
    std::string name_;
    fs::path scratch_;
    std::unique_ptr<offsite::Remote> remote_;
    Bytes fetched_;
    TimeFit times_;
    std::map<std::string, std::unique_ptr<PartialIndex>> partial_;  ///< by set
    std::set<fs::path> checked_;  ///< artifacts that were fetched and compared
    std::set<fs::path> files_;    ///< fetched files, which the destructor removes
};

}  // namespace

std::unique_ptr<SetSource> sets_in(fs::path directory, std::vector<config::Remote> remotes,
                                   fs::path scratch) {
    return std::make_unique<DirectorySets>(std::move(directory), std::move(remotes),
                                           std::move(scratch));
}

std::unique_ptr<SetSource> sets_at(config::Remote remote, fs::path scratch) {
    return std::make_unique<RemoteSets>(std::move(remote), std::move(scratch));
}

}  // namespace mastobak::restore
