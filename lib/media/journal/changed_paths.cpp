// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/journal/changed_paths.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/contains.hpp"
#include "core/error.hpp"
#include "media/read/media_file.hpp"

namespace mastobak::media {

ChangedPaths::ChangedPaths(Opener& opener, UniqueFd root, const Paths& paths,
                           std::vector<std::string> excluded, Warnings& warnings,
                           std::stop_token stop)
    : look_(opener, std::move(root)),
      next_(paths.begin()),
      end_(paths.end()),
      excluded_(std::move(excluded)),
      warnings_(warnings),
      stop_(std::move(stop)) {}

std::optional<Found> ChangedPaths::next() {
    while (next_ != end_ && gap_.empty()) {
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const auto& path = *next_++;
        if (auto found = look_at(path)) return found;
    }
    return std::nullopt;
}

std::optional<Found> ChangedPaths::look_at(const std::string& path) {
    const auto slash = path.find('/');
    if (slash != std::string::npos && contains(excluded_, std::string_view(path).substr(0, slash)))
        return std::nullopt;
    auto found = look_.at(path);
    if (!found) {
        if (!is_vanished(errno)) failed(path, errno);
        return std::nullopt;
    }
    const auto& status = found->status;
    if (S_ISDIR(status.mode) && contains(excluded_, path)) return std::nullopt;
    if (S_ISLNK(status.mode)) {
        if (!links_) links_.emplace(look_.root(), excluded_);
        const auto step = links_->follow(found->parent->fd.get(), found->name(), path, status);
        if (step.directory || step.repeated) {
            gap_ = "a symlink that leads out of the tree has changed";
            return std::nullopt;
        }
    }
    if (S_ISREG(status.mode) && status.links > 1) {
        // A write through one name changes the file under all its names, and only a walk finds the
        // other names and which of them is the first.
        gap_ = fmt::format("a changed file has {} names (hard links)", status.links);
        return std::nullopt;
    }
    return found;
}

void ChangedPaths::failed(const std::string& path, int error) {
    if (!is_damage(error)) throw read_error(path, error);
    ++unreadable_;
    warnings_.add(std::string(read_error(path, error).text()) + ", ignoring");
}

}  // namespace mastobak::media
