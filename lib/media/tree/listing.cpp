// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/listing.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "core/contains.hpp"
#include "core/process/privilege.hpp"
#include "media/read/media_file.hpp"

namespace mastobak::media {
namespace {

constexpr std::size_t names_block = 64 * 1024;

/// The limit of files in one listing that are looked at ahead. Each takes 100 bytes, in up to a few
/// hundred listings. A directory that Mastodon made has at most four files.
constexpr std::size_t most_looks = 256;

/// More threads than processors, because they mostly wait for the disk.
constexpr int threads = 8;

/// The limit of listings that the walk has not taken yet. Each of them keeps a descriptor open.
constexpr std::size_t most_begun = 128;
/// The limit of names in these listings, about 10 MiB. It is checked before a listing begins, so
/// each thread may exceed it by one directory.
constexpr std::size_t most_names = 100'000;
/// The limit of directories that wait to be listed.
constexpr std::size_t most_waiting = 4096;

}  // namespace

Listing list(Opener& opener, const Directory& parent, const char* name, std::vector<char>& block) {
    Listing listing;
    auto fd = opener.open(parent.fd.get(), name, O_DIRECTORY);
    const auto status = fd ? status_of(fd.get()) : std::nullopt;
    if (!status) {
        listing.error = errno;
        return listing;
    }
    listing.status = *status;
    listing.xattrs = xattrs_of(fd.get());
    listing.error = listing.names.read(fd.get(), block);
    listing.directory = std::make_shared<const Directory>(std::move(fd), parent.child(name));
    return listing;
}

StatResult look_at(const Directory& directory, const char* name) {
    const auto status = status_at(directory.fd.get(), name);
    return status ? StatResult{*status, 0} : StatResult{{}, errno};
}

void look_at_files(Listing& listing) {
    const auto names = std::min(listing.names.size(), most_looks);
    for (std::size_t i = 0; i < names; ++i) {
        if (listing.names.type(i) == DT_DIR) continue;
        listing.looks.push_back(look_at(*listing.directory, listing.names[i]));
    }
}

std::vector<char> make_block() {
    return std::vector<char>(names_block);
}

ListAhead::ListAhead(Opener& opener, std::vector<std::string> excluded)
    : opener_(opener), excluded_(std::move(excluded)), block_(make_block()) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

ListAhead::~ListAhead() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    announced_.notify_all();
    threads_.clear();
}

void ListAhead::announce(const Parent& directory, const Names& names, std::size_t first) {
    const std::lock_guard lock(mutex_);
    announce_locked(directory, names, first);
}

void ListAhead::announce_locked(const Parent& directory, const Names& names, std::size_t first) {
    const auto end = std::min(first + announced_at_once, names.size());
    for (auto i = first; i < end; ++i) {
        if (names.type(i) != DT_DIR) continue;
        if (directory->path.empty() && contains(excluded_, names[i])) continue;
        auto path = directory->child(names[i]);
        if (begun_.contains(path)) continue;
        waiting_.emplace(std::move(path), directory);
        // The last directory in index order is the one that the walk needs last.
        if (waiting_.size() > most_waiting) waiting_.erase(std::prev(waiting_.end()));
    }
    if (may_begin()) announced_.notify_one();
}

Listing ListAhead::take(const Directory& parent, const char* name) {
    const auto path = parent.child(name);
    std::unique_lock lock(mutex_);
    const auto begun = begun_.find(path);
    if (begun == begun_.end()) {
        waiting_.erase(path);
        lock.unlock();
        return list(opener_, parent, name, block_);
    }
    awaited_ = &begun->first;
    listed_.wait(lock, [&] { return begun->second.has_value(); });
    awaited_ = nullptr;
    auto listing = std::move(*begun->second);
    begun_.erase(begun);
    names_ahead_ -= listing.names.size();
    if (!filling_ && may_begin()) announced_.notify_one();
    return listing;
}

bool ListAhead::may_begin() {
    // Once a limit is reached, the threads pause until half of it is free: this saves wake-ups.
    if (begun_.size() >= most_begun || names_ahead_ >= most_names) filling_ = false;
    if (begun_.size() <= most_begun / 2 && names_ahead_ <= most_names / 2) filling_ = true;
    return filling_ && !waiting_.empty();
}

void ListAhead::work() {
    const ReadAnything raised;
    auto block = make_block();
    std::unique_lock lock(mutex_);
    for (;;) {
        announced_.wait(lock, [&] { return stopping_ || may_begin(); });
        if (stopping_) return;
        auto node = waiting_.extract(waiting_.begin());
        const auto path = std::move(node.key());
        const auto parent = node.mapped().lock();
        if (!parent) continue;
        const auto begun = begun_.emplace(path, std::nullopt).first;
        // Each thread wakes up the next one while there is work.
        if (may_begin()) announced_.notify_one();
        lock.unlock();
        auto listing = list(opener_, *parent, path.c_str() + path.rfind('/') + 1, block);
        if (listing.directory) look_at_files(listing);
        lock.lock();
        names_ahead_ += listing.names.size();
        if (listing.directory) announce_locked(listing.directory, listing.names, 0);
        begun->second = std::move(listing);
        if (awaited_ == &begun->first) listed_.notify_one();
    }
}

}  // namespace mastobak::media
