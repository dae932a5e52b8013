// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/error.hpp"
#include "media/read_errors.hpp"

namespace mastobak::media {
namespace {

/// Directories kept open at once; those further up are opened again when the walk comes back.
/// Media trees are eight deep: this is for trees that want to exhaust our descriptors.
constexpr std::size_t most_open = 100;

constexpr std::size_t block_size = 64 * 1024;

}  // namespace

Walk::Walk(Opener& opener, UniqueFd root, std::vector<std::string> excluded, bool count_excluded,
           Warnings& warnings, std::stop_token stop)
    : opener_(opener),
      excluded_(std::move(excluded)),
      count_excluded_(count_excluded),
      warnings_(warnings),
      stop_(std::move(stop)),
      block_(block_size) {
    push(std::move(root), "");
    root_ = frames_.front().directory;
}

std::optional<Found> Walk::next() {
    while (!frames_.empty()) {
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        auto& names = frames_.back().names;
        if (names.empty()) {
            frames_.pop_back();
            continue;
        }
        if (!current()) continue;
        const char* name = names.front();  // until enter() adds a frame
        const bool directory = names.type() == DT_DIR;
        names.pop();
        if (auto found = directory ? enter(name) : look_at(name)) return found;
    }
    return std::nullopt;
}

std::shared_ptr<const Directory> Walk::current() {
    auto& frame = frames_.back();
    if (!frame.directory && frame.path.empty()) frame.directory = root_;
    if (frame.directory) return frame.directory;
    auto fd = open_directory(opener_, root_->fd.get(), frame.path);
    if (!fd) {
        failed(frame.path, errno);
        frames_.pop_back();
        return nullptr;
    }
    frame.directory = std::make_shared<const Directory>(std::move(fd), frame.path);
    return frame.directory;
}

std::optional<Found> Walk::enter(const char* name) {
    const auto parent = frames_.back().directory;
    auto path = parent->child(name);
    auto fd = opener_.open(parent->fd.get(), name, O_DIRECTORY);
    if (!fd) {
        // It may be something else by now.
        if (errno == ENOTDIR || errno == ELOOP) return look_at(name);
        failed(path, errno);
        return std::nullopt;
    }
    if (frames_.size() == 1 && is_excluded(name)) {
        if (count_excluded_) count_excluded(std::move(fd));
        return std::nullopt;
    }
    const auto status = status_of(fd.get());
    if (!status) {
        failed(path, errno);
        return std::nullopt;
    }
    push(std::move(fd), path);
    return Found{std::move(path), parent, *status};
}

std::optional<Found> Walk::look_at(const char* name) {
    const auto parent = frames_.back().directory;
    const auto status = status_at(parent->fd.get(), name);
    if (!status) {
        failed(parent->child(name), errno);
        return std::nullopt;
    }
    // Where the file system does not tell types with names.
    if (S_ISDIR(status->mode)) return enter(name);
    return Found{parent->child(name), parent, *status};
}

void Walk::push(UniqueFd fd, std::string path) {
    Names names;
    const int error = names.read(fd.get(), block_);
    if (error != 0) failed(path, error);
    auto directory = std::make_shared<const Directory>(std::move(fd), path);
    frames_.push_back({std::move(directory), std::move(path), std::move(names)});
    if (frames_.size() > most_open) frames_[frames_.size() - 1 - most_open].directory.reset();
}

bool Walk::is_excluded(const char* name) const {
    return std::find(excluded_.begin(), excluded_.end(), name) != excluded_.end();
}

void Walk::count_excluded(UniqueFd directory) {
    Walk walk(opener_, std::move(directory), {}, false, warnings_, stop_);
    while (const auto found = walk.next()) {
        if (!S_ISREG(found->status.mode)) continue;
        ++counts_.excluded_files;
        counts_.excluded_bytes += Bytes{found->status.size};
    }
}

void Walk::failed(const std::string& path, int error) {
    if (is_vanished(error)) {
        ++counts_.vanished;
    } else if (is_damage(error)) {
        ++counts_.unreadable;
        warnings_.add(std::string(read_error(path, error).text()) + ", ignoring");
    } else {
        throw read_error(path, error);
    }
}

}  // namespace mastobak::media
