// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/journal/change_journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/fanotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.hpp"
#include "media/journal/journal_coverage.hpp"
#include "media/journal/journal_memory.hpp"
#include "media/tree/media_root.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;
namespace {

// Not FAN_MODIFY: with it, each write(2) to the file system takes 50 % longer, also those of
// PostgreSQL, and FAN_CLOSE_WRITE reports the same change later.
constexpr std::uint64_t changes_of_names = FAN_CREATE | FAN_CLOSE_WRITE | FAN_MOVED_TO |
                                           FAN_MOVED_FROM | FAN_DELETE | FAN_ATTRIB | FAN_ONDIR;

bool is_in_one_of(const std::vector<std::string>& directories, const std::string& path) {
    const auto first = path.substr(0, path.find('/'));
    return std::find(directories.begin(), directories.end(), first) != directories.end();
}

bool is_directory(int root, const std::string& path) {
    struct stat status {};
    return ::fstatat(root, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

}  // namespace

UniqueFd make_journal_group(const fs::path& root) {
    const auto doing = fmt::format("watch the file system of '{}' for changes", root.native());
    UniqueFd group(::fanotify_init(
        FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_UNLIMITED_QUEUE | FAN_NONBLOCK | FAN_CLOEXEC,
        O_RDONLY | O_CLOEXEC));
    if (!group)
        throw errno_error(Errc::media, doing, errno,
                          errno == EPERM ? "this needs root" : "this needs Linux 5.9");
    if (::fanotify_mark(group.get(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, changes_of_names, AT_FDCWD,
                        root.c_str()) != 0)
        throw errno_error(Errc::media, doing, errno,
                          "network file systems and overlays have no such journal");
    return group;
}

ChangeJournal::ChangeJournal(UniqueFd group, fs::path root, std::vector<std::string> excluded,
                             std::size_t limit)
    : group_(std::move(group)),
      root_(std::move(root)),
      excluded_(std::move(excluded)),
      limit_(limit),
      reader_(group_.get()),
      handles_(open_root(root_)),
      changes_{"the journal is new", {}} {}

void ChangeJournal::drain() {
    const std::lock_guard lock(mutex_);
    read_all();
}

JournalChanges ChangeJournal::take() {
    const std::lock_guard lock(mutex_);
    read_all();
    return std::exchange(changes_, {});
}

JournalChanges ChangeJournal::peek() const {
    const std::lock_guard lock(mutex_);
    return changes_;
}

void ChangeJournal::put_back(JournalChanges changes) {
    const std::lock_guard lock(mutex_);
    if (!changes.gap.empty()) note_gap(changes.gap);
    if (!changes_.gap.empty()) return;
    changes_.paths.merge(changes.paths);
    check_limit();
}

std::optional<std::string> ChangeJournal::serialize() const {
    const std::lock_guard lock(mutex_);
    if (!changes_.gap.empty() || !coverage_gap_.empty()) return std::nullopt;
    return to_text(JournalMemory{root_, excluded_, changes_.paths, removed_});
}

bool ChangeJournal::resume(std::string_view memory) {
    auto known = parse_journal_memory(memory);
    if (!known || known->root != root_ || known->excluded != excluded_) return false;
    const std::lock_guard lock(mutex_);
    changes_ = {{}, std::move(known->paths)};
    removed_ = std::move(known->removed);
    return true;
}

void ChangeJournal::read_all() {
    while (const auto event = reader_.next()) note(*event);
    look_around();
}

// Runs after the events were read, so that their handles were resolved in the old tree.
void ChangeJournal::look_around() {
    if (!is_same_directory(handles_.root(), root_)) {
        note_gap("the media directory was replaced by another one");
        try {
            handles_ = TreeHandles(open_root(root_));
        } catch (const Error&) {
            return;  // the gap leads to a walk, which reports the error
        }
    }
    auto why = coverage_gap(group_.get(), handles_.root(), excluded_);
    // When a coverage gap has ended, a walk may have seen files that are no longer visible, so the
    // end of it is one more gap.
    if (!why.empty() || !coverage_gap_.empty()) note_gap(why.empty() ? coverage_gap_ : why);
    coverage_gap_ = std::move(why);
}

void ChangeJournal::note(const JournalEvent& event) {
    if (!event.lost.empty()) return note_gap(event.lost);
    const bool moved = event.what & (FAN_MOVED_FROM | FAN_MOVED_TO);
    const bool moved_directory = moved && (event.what & FAN_ONDIR);
    // After a gap, paths are not recorded, so the lookup is not needed.
    const auto place = changes_.gap.empty() ? handles_.find(event.directory) : Place{};
    if (moved_directory) handles_.forget();
    if (!changes_.gap.empty()) return;

    switch (place.kind) {
        case Place::Kind::outside:
        case Place::Kind::gone:  // its parent has an event for the removal
            return;
        case Place::Kind::unknown:
            return note_gap(fmt::format("a directory that has changed cannot be looked up: {}",
                                        std::strerror(place.error)));
        case Place::Kind::inside:
            break;
    }
    if (is_in_one_of(excluded_, place.path)) return;
    // There is only one event, but all paths below the directory have changed.
    if (moved_directory) return note_gap("a directory was moved");

    if (!place.path.empty()) changes_.paths.insert(place.path);
    if (event.name != ".") {
        auto path = place.path + (place.path.empty() ? "" : "/") + std::string(event.name);
        if (event.what & FAN_ONDIR) note_directory(event, path);
        if (changes_.gap.empty()) changes_.paths.insert(std::move(path));
    }
    check_limit();
}

// A directory that was removed and created again is a gap: the events of files removed below the
// old one have handles without a path, so the index would keep those files. Removed directories are
// therefore recorded, and beyond the next take(), because a failed run may call put_back().
void ChangeJournal::note_directory(const JournalEvent& event, const std::string& path) {
    const bool removed = event.what & FAN_DELETE;
    const bool made = event.what & FAN_CREATE;
    // One event may have both bits; their order is unknown then.
    if (made && (removed || removed_.contains(path)) && is_directory(handles_.root(), path))
        return note_gap("a directory was removed and created again");
    if (removed) removed_.insert(path);
}

void ChangeJournal::note_gap(std::string_view why) {
    if (changes_.gap.empty()) changes_.gap = why;
    changes_.paths.clear();
    removed_.clear();
}

void ChangeJournal::check_limit() {
    if (changes_.paths.size() > limit_ || removed_.size() > limit_)
        note_gap(fmt::format("more than {} paths have changed", limit_));
}

}  // namespace mastobak::media
