// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/contains.hpp"
#include "core/error.hpp"
#include "media/read/media_file.hpp"

namespace mastobak::media {
namespace {

/// The number of directories on the current path that are kept open. The walk opens the others
/// again when it returns to them. Media trees are eight levels deep; the limit is for a tree that
/// was made to exhaust the descriptors of this process.
constexpr std::size_t most_open = 100;

}  // namespace

Walk::Walk(Opener& opener, UniqueFd root, std::vector<std::string> excluded, bool count_excluded,
           Warnings& warnings, std::stop_token stop, std::vector<FollowedLink> known_links)
    : opener_(opener),
      root_(std::make_shared<const Directory>(std::move(root), "")),
      excluded_(std::move(excluded)),
      links_(root_->fd.get(), excluded_, std::move(known_links)),
      count_excluded_(count_excluded),
      warnings_(warnings),
      stop_(std::move(stop)),
      ahead_(opener, excluded_) {
    Listing listing;
    auto block = make_block();
    listing.error = listing.names.read(root_->fd.get(), block);
    listing.directory = root_;
    push(std::move(listing), "", root_);
}

std::optional<Found> Walk::next() {
    while (!frames_.empty()) {
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        auto& frame = frames_.back();
        const auto& names = frame.listing.names;
        const auto at = frame.next_name;
        if (at == names.size()) {
            frames_.pop_back();
            continue;
        }
        if (!current()) continue;
        if (at % ListAhead::announced_at_once == 0)
            ahead_.announce(frame.listing.directory, names, at + ListAhead::announced_at_once);
        ++frame.next_name;
        const char* name = names[at];  // valid until enter() adds a frame
        if (auto next = names.type(at) == DT_DIR ? enter(name) : found(name, look(name)))
            return next;
    }
    return std::nullopt;
}

std::shared_ptr<const Directory> Walk::current() {
    auto& frame = frames_.back();
    auto& directory = frame.listing.directory;
    if (!directory && frame.path.empty()) directory = root_;
    if (directory) return directory;
    // This directory is not the base itself, because `frame.base` keeps that one open.
    const auto& base = *frame.base;
    const auto below = base.path.empty() ? frame.path : frame.path.substr(base.path.size() + 1);
    auto fd = open_directory(opener_, base.fd.get(), below);
    if (!fd) {
        failed(frame.path, errno);
        frames_.pop_back();
        return nullptr;
    }
    directory = std::make_shared<const Directory>(std::move(fd), frame.path);
    return directory;
}

std::optional<Found> Walk::enter(const char* name) {
    const auto parent = frames_.back().listing.directory;
    auto path = parent->child(name);
    auto listing = ahead_.take(*parent, name);
    if (!listing.directory) {
        // It may have become a file or symlink meanwhile.
        if (listing.error == ENOTDIR || listing.error == ELOOP)
            return found(name, look_at(*parent, name));
        failed(path, listing.error);
        return std::nullopt;
    }
    if (frames_.size() == 1 && contains(excluded_, name)) {
        if (count_excluded_) count_excluded(name);
        return std::nullopt;
    }
    const auto status = listing.status;
    auto xattrs = std::move(listing.xattrs);
    push(std::move(listing), path, frames_.back().base);
    return Found{
        .path = std::move(path), .parent = parent, .status = status, .xattrs = std::move(xattrs)};
}

StatResult Walk::look(const char* name) {
    auto& frame = frames_.back();
    auto& looks = frame.listing.looks;
    return frame.next_look < looks.size() ? looks[frame.next_look++]
                                          : look_at(*frame.listing.directory, name);
}

std::optional<Found> Walk::found(const char* name, const StatResult& look) {
    const auto& parent = frames_.back().listing.directory;
    if (look.error != 0) {
        failed(parent->child(name), look.error);
        return std::nullopt;
    }
    // Some file systems do not list the types of names (DT_UNKNOWN).
    if (S_ISDIR(look.status.mode)) return enter(name);
    if (S_ISLNK(look.status.mode)) {
        if (frames_.size() == 1 && contains(excluded_, name)) return std::nullopt;
        return follow(name, look.status);
    }
    Found file{parent->child(name), parent, look.status};
    // Not the places of the directory: a mount may be of a single file.
    file.status.links *= links_.places_of(file.path);
    return file;
}

Found Walk::follow(const char* name, const FileStatus& link) {
    const auto parent = frames_.back().listing.directory;
    auto path = parent->child(name);
    auto step = links_.follow(parent->fd.get(), name, path, link);
    if (step.repeated) step.refusal = "its contents are in the set at another place";
    if (!step.refusal.empty())
        warnings_.add(fmt::format(
            "'{}' of the media is a symlink to '{}', which is not followed: {}, ignoring", path,
            step.target, step.refusal));
    const auto status = step.directory ? status_of(step.directory.get()) : std::nullopt;
    if (!status) return Found{std::move(path), parent, link};
    Listing listing;
    listing.status = *status;
    auto block = make_block();
    listing.error = listing.names.read(step.directory.get(), block);
    listing.xattrs = xattrs_of(step.directory.get());
    listing.directory = std::make_shared<const Directory>(std::move(step.directory), path);
    auto xattrs = std::move(listing.xattrs);
    const auto base = listing.directory;
    push(std::move(listing), path, base);
    return Found{
        .path = std::move(path), .parent = parent, .status = *status, .xattrs = std::move(xattrs)};
}

void Walk::push(Listing listing, std::string path, std::shared_ptr<const Directory> base) {
    if (listing.error != 0) failed(path, listing.error);
    ahead_.announce(listing.directory, listing.names, 0);
    frames_.push_back(
        {.path = std::move(path), .base = std::move(base), .listing = std::move(listing)});
    if (frames_.size() > most_open)
        frames_[frames_.size() - 1 - most_open].listing.directory.reset();
}

void Walk::count_excluded(const char* name) {
    auto directory = opener_.open(root_->fd.get(), name, O_DIRECTORY);
    if (!directory) return failed(name, errno);
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
