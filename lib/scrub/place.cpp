// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/place.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/files/polite_read.hpp"
#include "core/files/unique_fd.hpp"
#include "offsite/object_name.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "restore/source/find_source.hpp"
#include "scrub/ledger.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/formats/signature.hpp"
#include "store/pack_record.hpp"
#include "store/staging.hpp"

namespace mastobak::scrub {
namespace fs = std::filesystem;

namespace {

/// Opens a regular file below a directory without following symlinks. Returns an empty descriptor
/// on failure, with errno set.
UniqueFd open_file(const fs::path& root, const std::string& name) {
    offsite::split_name(name);
    const UniqueFd at(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!at) return {};
    auto fd = open_beneath(at.get(), name, O_RDONLY | O_NONBLOCK);
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0 || S_ISREG(status.st_mode)) return fd;
    errno = ELOOP;
    return {};
}

std::optional<Bytes> size_of_file(const UniqueFd& fd) {
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) return std::nullopt;
    return Bytes{static_cast<std::uint64_t>(status.st_size)};
}

class StagingPlace final : public Place {
 public:
    StagingPlace(const config::Config& config, const fs::path& scratch)
        : staging_(config.staging.path), sets_(restore::find_source(config, "", scratch)) {}

    const std::string& id() const override { return id_; }
    restore::SetSource& sets() override { return *sets_; }
    std::vector<std::string> set_names(std::stop_token) override { return staging_.list(); }

    std::optional<Bytes> size_of(const std::string& name, std::stop_token) override {
        const auto fd = open_file(staging_.root(), name);
        if (!fd && errno != ENOENT)
            throw errno_error(Errc::corrupt, fmt::format("open '{}'", name), errno);
        return size_of_file(fd);
    }

    void read(const offsite::Part& part, const offsite::TakeBlock& take,
              std::stop_token stop) override {
        const auto fd = open_file(staging_.root(), part.name);
        if (!fd) throw errno_error(Errc::corrupt, fmt::format("open '{}'", part.name), errno);
        read_through(fd.get(), part.offset.count, part.length.count, staging_.root() / part.name,
                     take, stop, Errc::corrupt);
    }

    std::optional<Finding> compare(const std::string&, const Wanted&, std::stop_token) override {
        return std::nullopt;
    }

    bool is_away(const store::PackReference& pack) override {
        if (store::is_here(staging_, pack)) return false;
        if (!away_) away_.emplace(staging_);
        return away_->find(pack) != nullptr;
    }

    Digest fetch(const std::string& name, Bytes size, const fs::path& file,
                 std::stop_token stop) override {
        HashingFile copy(file);
        read(
            {name, {}, size}, [&](auto block) { copy.write(block); }, std::move(stop));
        return copy.finish();
    }

 private:
    const std::string id_{staging_place};
    const store::Staging staging_;
    std::optional<store::AwayPacks> away_;
    const std::unique_ptr<restore::SetSource> sets_;
};

class RemotePlace final : public Place {
 public:
    RemotePlace(const config::Config& config, std::unique_ptr<offsite::Remote> remote,
                std::unique_ptr<restore::SetSource> sets, const ReadingOfRemote& how)
        : staging_(config.staging.path),
          keys_(store::read_keys(config.state_directory).trusted),
          remote_(std::move(remote)),
          sets_(std::move(sets)),
          how_(how),
          rate_(how.bandwidth) {}

    const std::string& id() const override { return remote_->name(); }
    restore::SetSource& sets() override { return *sets_; }
    offsite::Remote* remote() override { return remote_.get(); }

    std::vector<std::string> set_names(std::stop_token stop) override {
        std::vector<std::string> names;
        for (const auto& name : remote_->directories("sets", std::move(stop)))
            if (store::is_set_name(name)) names.push_back(name);
        return names;
    }

    std::optional<Bytes> size_of(const std::string& name, std::stop_token stop) override {
        const auto [directory, leaf] = offsite::split_name(name);
        const auto& files = listing(directory, std::move(stop));
        const auto found = files.find(leaf);
        if (found == files.end()) return std::nullopt;
        return found->second;
    }

    // rclone and rsync limit their own bandwidth. This limit is for directories, and for data that
    // arrives at once from a buffer.
    void read(const offsite::Part& part, const offsite::TakeBlock& take,
              std::stop_token stop) override {
        remote_->read(
            part,
            [&](std::span<const std::byte> block) {
                rate_.wait_for(Bytes{block.size()}, stop);
                take(block);
            },
            stop);
    }

    std::optional<Finding> compare(const std::string& name, const Wanted& wanted,
                                   std::stop_token stop) override {
        if (how_.whole) return std::nullopt;
        const auto& hash = this->hash(stop);
        if (hash.empty()) return std::nullopt;
        offsite::Object object{name, staging_.root() / name, wanted.size, wanted.sha256};
        // Any other hash is compared with the hash of our own file, which has to be undamaged.
        const bool needs_ours = hash != "sha256";
        if (needs_ours && !is_whole_here(name, wanted, stop)) return std::nullopt;
        const auto there = remote_->stat(object, stop);
        if (needs_ours) forget_pages(name);
        using Hash = offsite::RemoteObject::Hash;
        if (!there) return Finding{"it is missing", hash};
        if (there->hash == Hash::unknown) return std::nullopt;
        return Finding{there->hash == Hash::equal ? "" : "its contents changed", hash};
    }

    bool reads_parts(const std::stop_token& stop) override { return hash(stop) != "rsync"; }

    bool is_ours_here(const std::string& set) override {
        std::error_code ignored;
        return !keys_.empty() && fs::exists(staging_.set(set), ignored) &&
               store::why_foreign(staging_, set, keys_).empty();
    }

    Digest fetch(const std::string& name, Bytes size, const fs::path& file,
                 std::stop_token stop) override {
        return remote_->get({name, {}, size, size}, file, std::move(stop));
    }

 private:
    const std::string& hash(const std::stop_token& stop) {
        if (!hash_) hash_ = remote_->hash_of_bytes(stop);
        return *hash_;
    }

    const std::map<std::string, Bytes>& listing(const std::string& directory,
                                                std::stop_token stop) {
        const auto known = listings_.find(directory);
        if (known != listings_.end()) return known->second;
        return listings_[directory] = remote_->list(directory, std::move(stop));
    }

    bool is_whole_here(const std::string& name, const Wanted& wanted, const std::stop_token& stop) {
        const auto fd = open_file(staging_.root(), name);
        if (size_of_file(fd) != wanted.size) return false;
        Sha256 hash;
        try {
            read_through(
                fd.get(), 0, wanted.size.count, staging_.root() / name,
                [&hash](auto block) { hash.update(block); }, stop, Errc::corrupt);
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
            return false;
        }
        return hash.finish() == wanted.sha256;
    }

    /// rclone and rsync have read our file into the page cache.
    void forget_pages(const std::string& name) const {
        if (const auto fd = open_file(staging_.root(), name))
            ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
    }

    const store::Staging staging_;
    const std::vector<signify::PublicKey> keys_;
    const std::unique_ptr<offsite::Remote> remote_;
    const std::unique_ptr<restore::SetSource> sets_;
    const ReadingOfRemote how_;
    media::RateLimit rate_;
    std::optional<std::string> hash_;
    std::map<std::string, std::map<std::string, Bytes>> listings_;
};

void add(Inventory& inventory, const std::string& name, Bytes size, const Digest& sha256,
         const std::string& set) {
    auto& wanted = inventory.objects[name];
    // Sets should agree about a pack; if they do not, the newer set counts.
    wanted.size = size;
    wanted.sha256 = sha256;
    wanted.sets.push_back(set);
}

}  // namespace

std::unique_ptr<Place> place_of_staging(const config::Config& config, const fs::path& scratch) {
    return std::make_unique<StagingPlace>(config, scratch);
}

std::unique_ptr<Place> place_of_remote(const config::Config& config, const config::Remote& entry,
                                       const fs::path& scratch, const ReadingOfRemote& how) {
    auto limited = entry;
    auto reading = how;
    if (!reading.bandwidth) reading.bandwidth = entry.bandwidth;
    limited.bandwidth = reading.bandwidth;
    return place_of_remote(config, offsite::make_remote(limited, scratch),
                           restore::find_source(config, entry.name, scratch / "sets"), reading);
}

std::unique_ptr<Place> place_of_remote(const config::Config& config,
                                       std::unique_ptr<offsite::Remote> remote,
                                       std::unique_ptr<restore::SetSource> sets,
                                       const ReadingOfRemote& how) {
    return std::make_unique<RemotePlace>(config, std::move(remote), std::move(sets), how);
}

Inventory inventory_of(Place& place, const std::vector<std::string>& sets,
                       const std::stop_token& stop) {
    Inventory inventory;
    inventory.sets = sets;
    const bool here = place.id() == staging_place;
    for (const auto& set : sets) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const auto directory = fmt::format("sets/{}", set);
        try {
            // The manifest is uploaded last, so a set without one is still being uploaded.
            if (!here && !place.size_of(directory + "/manifest.json", stop)) continue;
            const auto manifest = place.sets().manifest(set, stop);
            if (place.sets().has_keys() && !place.sets().foreign().empty()) {
                // This host has signed the set of that name, so the copy at the remote is damaged.
                if (place.is_ours_here(set))
                    inventory.damaged_sets.emplace(set, place.sets().foreign());
                else
                    inventory.foreign.push_back(set);
                continue;
            }
            for (const auto& artifact : manifest.artifacts)
                add(inventory, fmt::format("{}/{}", directory, artifact.name), artifact.size,
                    artifact.sha256, set);
            for (const auto& file : shared_files(manifest))
                if (!place.is_away(file))
                    add(inventory, store::shared_path(file.name), file.size, file.sha256, set);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            inventory.damaged_sets.emplace(set, error.text());
        }
    }
    return inventory;
}

}  // namespace mastobak::scrub
