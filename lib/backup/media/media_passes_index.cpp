// SPDX-License-Identifier: GPL-3.0-or-later
// How a set stores the index of its media.

#include <system_error>
#include <utility>

#include "backup/media/media_passes.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/privilege.hpp"
#include "media/index/index_changes.hpp"
#include "media/index/index_parts.hpp"
#include "store/formats/names.hpp"
#include "store/new_set.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;

namespace {

/// A smaller index is a part of its set, because a copy of it in each set costs little.
constexpr Bytes small_index{std::uint64_t{32} << 10};

}  // namespace

media::IndexFiles MediaPasses::take_index(const std::stop_token& stop) {
    const auto& written = last_.index;
    auto parts = written.parts;
    if (written.size < small_index) {
        move_index(set_.directory() / store::whole_index);
        set_.add({store::whole_index, written.size, written.sha256});
    } else if (auto parts_of_base = store_changes(stop)) {
        parts = std::move(*parts_of_base);
    } else {
        index_base_ = {store::index_name(set_.name()), written.size, written.sha256};
        move_index(set_.pack_directory() / index_base_->name);
    }
    const auto list = media::write_index_parts(set_.directory() / store::index_parts, parts);
    set_.add({store::index_parts, list.size, list.sha256});
    return index_;
}

std::optional<std::vector<media::IndexPart>> MediaPasses::store_changes(
    const std::stop_token& stop) {
    if (!previous_ || !previous_->index_base) return std::nullopt;
    const auto& base = previous_->index.whole;
    const auto file = set_.directory() / store::index_changes;
    try {
        auto parts = media::read_index_parts(previous_->index_parts, previous_->index_base->size);
        std::optional<FileDigest> changes;
        while_mastodon_runs(
            [&] { changes = media::write_index_changes(base, index_.whole, file, stop); });
        if (!changes) return std::nullopt;
        set_.add({store::index_changes, changes->size, changes->sha256});
        index_base_ = previous_->index_base;
        index_ = media::IndexFiles(base, file);
        return parts;
    } catch (const Error& error) {
        // The base or the list of its parts was damaged after the preflight. A new base is not.
        if (error.code() != Errc::corrupt) throw;
        std::error_code ignored;
        fs::remove(file, ignored);
        return std::nullopt;
    }
}

void MediaPasses::move_index(const fs::path& to) {
    std::error_code error;
    fs::rename(index_.whole, to, error);
    if (error) throw write_error(Errc::staging, to.native(), error.value());
    sync_file(to);
    index_ = to;
}

void MediaPasses::remember_contents(const store::StoredIndex& index,
                                    const std::stop_token& stop) noexcept {
    try {
        const auto file = contents_file(config_);
        if (media::DigestCache::open(file, index.sha256)) return;
        make_directories(config_.state_directory);
        run_at_idle_priority([&] {
            media::write_known_contents({index.whole, index.changes}, index.sha256, file, stop);
        });
    } catch (...) {
        // Without the list, the next run packs those files again and then writes the list again.
    }
}

}  // namespace mastobak::backup
