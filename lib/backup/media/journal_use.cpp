// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/journal_use.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/bytes.hpp"

namespace mastobak::backup {
namespace {

/// A freeze examines this many names, and packs the small files among them, in one or two tenths of
/// a second. A large instance changes a few hundred names between two live passes.
constexpr std::size_t few_names = 2000;
/// The limit for their size: a disk writes this amount in less than a second.
constexpr Bytes few_bytes{std::uint64_t{64} << 20};

void add(media::JournalChanges& to, const media::JournalChanges& more) {
    if (to.gap.empty()) to.gap = more.gap;
    to.paths.insert(more.paths.begin(), more.paths.end());
}

Bytes size_of(const media::Paths& paths, const std::filesystem::path& root) {
    Bytes sum;
    for (const auto& path : paths) {
        std::error_code error;  // a missing file and a directory have no size
        const auto size = std::filesystem::file_size(root / path, error);
        if (!error) sum.count += size;
    }
    return sum;
}

}  // namespace

JournalUse::~JournalUse() {
    if (journal_) journal_->put_back(std::move(taken_));
}

media::JournalChanges JournalUse::take() {
    if (!journal_) return {"there is none", {}};
    auto changes = journal_->take();
    add(taken_, changes);
    return changes;
}

bool JournalUse::much_is_waiting() {
    if (!journal_) return false;
    journal_->drain();
    const auto waiting = journal_->peek();
    return !waiting.gap.empty() || waiting.paths.size() > few_names ||
           size_of(waiting.paths, journal_->root()) > few_bytes;
}

media::JournalChanges JournalUse::all() {
    if (!journal_) return {"there is none", {}};
    journal_->drain();
    media::JournalChanges all = journal_->peek();
    add(all, taken_);
    return all;
}

}  // namespace mastobak::backup
