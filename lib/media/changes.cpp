// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/changes.hpp"

#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "core/process/privilege.hpp"
#include "media/tree/directory.hpp"

namespace mastobak::media {
namespace {

/// Entries are passed on in batches, because a lock and a wake-up for each entry would cost as much
/// as its stat. A file that is being read keeps its directory open, so a batch has few of these.
constexpr std::size_t batch_entries = 256;
constexpr std::size_t batch_reads = 32;
constexpr std::size_t batches = 4;

/// Returns the target of a symlink; nullopt when the symlink no longer exists.
std::optional<std::string> target_of(const Found& found) {
    std::array<char, PATH_MAX> target;
    const auto n = ::readlinkat(found.parent->fd.get(), found.name(), target.data(), target.size());
    if (n <= 0) return std::nullopt;
    return std::string(target.data(), static_cast<std::size_t>(n));
}

Entry entry_of(const Found& found, EntryType type) {
    Entry entry;
    entry.type = type;
    entry.path = found.path;
    copy_status(found.status, entry);
    return entry;
}

}  // namespace

Changes::Changes(Look look, PreviousIndex& previous, ReadAhead& reads, Warnings& warnings)
    : reads_(reads),
      warnings_(warnings),
      batches_(batches),
      thread_([this, look = std::move(look), &previous] { work(look, previous); }) {}

Changes::~Changes() {
    batches_.close();
}

void Changes::work(const Look& look, PreviousIndex& previous) {
    const ReadAnything raised;
    try {
        Batch batch;
        std::size_t reads = 0;
        while (auto found = look()) {
            const auto* entry = previous.find(found->path);
            auto change = change_of(std::move(*found), entry);
            if (!change) continue;
            if (change->job) ++reads;
            batch.push_back(std::move(*change));
            if (batch.size() < batch_entries && reads < batch_reads) continue;
            if (!batches_.push(std::exchange(batch, {}))) return;
            reads = 0;
        }
        batches_.push(std::move(batch));
        batches_.close();
    } catch (...) {
        batches_.close(std::current_exception());
    }
}

std::optional<Change> Changes::change_of(Found found, const Entry* previous) {
    const auto& status = found.status;
    const bool unchanged = previous && is_unchanged(status, *previous);
    if (S_ISDIR(status.mode)) {
        auto entry = entry_of(found, EntryType::directory);
        entry.target = encode_xattrs(found.xattrs);
        return Change{.entry = std::move(entry)};
    }
    if (found.deferred &&
        (!unchanged || (S_ISREG(status.mode) && previous->type != EntryType::file)))
        return std::nullopt;
    if (S_ISLNK(status.mode)) {
        if (unchanged) return Change{.entry = *previous};
        auto target = target_of(found);
        auto entry = entry_of(found, EntryType::symlink);
        if (target) entry.target = std::move(*target);
        return Change{.action = Change::Action::symlink, .entry = std::move(entry)};
    }
    if (!S_ISREG(status.mode)) {
        warnings_.add(
            fmt::format("'{}' of the media is a device, FIFO or socket, ignoring", found.path));
        return std::nullopt;
    }
    if (status.links > 1) {
        Change change{.action = Change::Action::link};
        if (unchanged) change.previous = *previous;
        change.found = std::move(found);
        return change;
    }
    if (unchanged && previous->type == EntryType::file) return Change{.entry = *previous};
    return Change{.action = Change::Action::read, .job = reads_.submit(std::move(found))};
}

}  // namespace mastobak::media
