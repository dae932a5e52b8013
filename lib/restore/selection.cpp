// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "media/index/index.hpp"
#include "media/index/paths.hpp"

namespace mastobak::restore {

namespace {

bool before(std::string_view a, std::string_view b) {
    return media::compare_paths(a, b) < 0;
}

std::string cleaned(std::string path) {
    while (path.starts_with("./")) path.erase(0, 2);
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    const auto whole = "/" + path + "/";
    if (path.empty() || path.front() == '/' || whole.find("//") != whole.npos ||
        whole.find("/../") != whole.npos || whole.find("/./") != whole.npos)
        throw Error(Errc::usage,
                    fmt::format("'{}' is not a path in the media tree", readable(path)),
                    "give paths relative to public/system, like "
                    "media_attachments/files/1/original/a.png");
    return path;
}

}  // namespace

Selection::Selection(std::vector<std::string> paths) : paths_(std::move(paths)) {
    for (auto& path : paths_) path = cleaned(std::move(path));
    std::sort(paths_.begin(), paths_.end(), before);
    paths_.erase(std::unique(paths_.begin(), paths_.end()), paths_.end());
}

bool Selection::names(std::string_view path) const {
    return std::binary_search(paths_.begin(), paths_.end(), path, before);
}

bool Selection::has(std::string_view path) const {
    if (is_all()) return true;
    for (auto above = path;; above = above.substr(0, above.rfind('/'))) {
        if (names(above)) return true;
        if (above.find('/') == above.npos) return false;
    }
}

}  // namespace mastobak::restore
