// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/path_stat.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "media/read/file_layout.hpp"

namespace mastobak::media {

PathStat::PathStat(Opener& opener, UniqueFd root)
    : opener_(opener),
      root_(std::make_shared<const Directory>(std::move(root), "")),
      last_parent_(root_) {}

std::optional<Found> PathStat::at(const std::string& path) {
    auto parent = parent_of(path);
    if (!parent) return std::nullopt;
    Found found{path, std::move(parent), {}};
    const auto status = status_at(found.parent->fd.get(), found.name());
    if (!status) return std::nullopt;
    found.status = *status;
    if (S_ISDIR(status->mode)) {
        const auto directory = opener_.open(found.parent->fd.get(), found.name(), O_DIRECTORY);
        if (directory) found.xattrs = xattrs_of(directory.get());
    }
    return found;
}

std::shared_ptr<const Directory> PathStat::parent_of(std::string_view path) {
    const auto slash = path.rfind('/');
    const auto parent = path.substr(0, slash == std::string_view::npos ? 0 : slash);
    if (parent.empty()) return root_;
    if (last_parent_->path == parent) return last_parent_;
    std::string name(parent);
    auto fd = open_directory(opener_, root_->fd.get(), name);
    if (!fd) return nullptr;
    last_parent_ = std::make_shared<const Directory>(std::move(fd), std::move(name));
    return last_parent_;
}

}  // namespace mastobak::media
