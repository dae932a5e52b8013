// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/previous_index.hpp"

#include "media/index/path_order.hpp"

namespace mastobak::media {

PreviousIndex::PreviousIndex(const IndexFiles& file, Timestamp trusted_until)
    : trusted_until_(trusted_until) {
    if (file.empty()) return;
    reader_.emplace(file);
    advance();
}

const Entry* PreviousIndex::find(std::string_view path) {
    while (entry_) {
        const int order = compare_paths(entry_->path, path);
        if (order == 0) return entry_->ctime < trusted_until_ ? entry_ : nullptr;
        if (order > 0) break;
        advance();
    }
    return nullptr;
}

std::uint64_t PreviousIndex::count_files() {
    while (entry_) advance();
    return files_;
}

void PreviousIndex::advance() {
    entry_ = reader_->next();
    if (entry_ && entry_->type == EntryType::file) ++files_;
}

}  // namespace mastobak::media
