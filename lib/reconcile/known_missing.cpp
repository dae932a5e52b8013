// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconcile/known_missing.hpp"

#include <utility>

#include "media/index/paths.hpp"

namespace mastobak::reconcile {

KnownMissing::KnownMissing(std::unique_ptr<std::istream> list) : list_(std::move(list)) {
    if (list_) next();
}

bool KnownMissing::has(const std::string& path) {
    while (more_ && media::compare_paths(path_, path) < 0) next();
    return more_ && path_ == path;
}

bool KnownMissing::has(const std::string& path, bool other_size) {
    return has(path) && line_.starts_with("size\t") == other_size;
}

void KnownMissing::next() {
    path_.clear();
    more_ = static_cast<bool>(std::getline(*list_, line_));
    if (more_)
        media::append_unescaped(path_, std::string_view(line_).substr(line_.rfind('\t') + 1));
}

}  // namespace mastobak::reconcile
