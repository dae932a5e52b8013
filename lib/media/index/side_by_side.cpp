// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/side_by_side.hpp"

#include "media/index/path_order.hpp"

namespace mastobak::media {

SideBySide::SideBySide(const std::vector<std::filesystem::path>& indexes) {
    for (const auto& index : indexes) {
        Lane lane;
        lane.reader = std::make_unique<IndexReader>(index);
        lanes_.push_back(std::move(lane));
    }
}

bool SideBySide::next() {
    const Entry* first = nullptr;
    for (auto& lane : lanes_) {
        if (lane.is_current) lane.next = lane.reader->next();
        lane.is_current = false;
        if (lane.next == nullptr) continue;
        if (first == nullptr || compare_paths(lane.next->path, first->path) < 0) first = lane.next;
    }
    if (first == nullptr) return false;
    path_ = first->path;
    for (auto& lane : lanes_) lane.is_current = lane.next != nullptr && lane.next->path == path_;
    return true;
}

const Entry* SideBySide::entry(std::size_t index) const {
    const auto& lane = lanes_.at(index);
    return lane.is_current ? lane.next : nullptr;
}

bool same_contents(const Entry& a, const Entry& b) {
    if (a.type != b.type || a.size != b.size || a.sha256 != b.sha256) return false;
    return a.type == EntryType::directory || a.target == b.target;
}

}  // namespace mastobak::media
