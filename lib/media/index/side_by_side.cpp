// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/side_by_side.hpp"

#include "media/index/paths.hpp"

namespace mastobak::media {

SideBySide::SideBySide(const std::vector<IndexFiles>& indexes) {
    for (const auto& index : indexes) {
        Index opened;
        opened.reader = std::make_unique<IndexReader>(index);
        indexes_.push_back(std::move(opened));
    }
}

bool SideBySide::next() {
    const Entry* first = nullptr;
    for (auto& index : indexes_) {
        if (index.is_current) index.next = index.reader->next();
        index.is_current = false;
        if (index.next == nullptr) continue;
        if (first == nullptr || compare_paths(index.next->path, first->path) < 0)
            first = index.next;
    }
    if (first == nullptr) return false;
    path_ = first->path;
    for (auto& index : indexes_)
        index.is_current = index.next != nullptr && index.next->path == path_;
    return true;
}

const Entry* SideBySide::entry(std::size_t number) const {
    const auto& index = indexes_.at(number);
    return index.is_current ? index.next : nullptr;
}

bool same_contents(const Entry& a, const Entry& b) {
    if (a.type != b.type || a.size != b.size || a.sha256 != b.sha256) return false;
    return a.type == EntryType::directory || a.target == b.target;
}

}  // namespace mastobak::media
