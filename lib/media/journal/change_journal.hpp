// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/files/unique_fd.hpp"
#include "media/index/paths.hpp"
#include "media/journal/journal_reader.hpp"
#include "media/journal/tree_handles.hpp"

namespace mastobak::media {

/// The changes in a tree since the last ChangeJournal::take().
struct JournalChanges {
    std::string gap;  ///< why the changes are unknown ("the kernel's queue overflowed") and the
                      ///< tree has to be walked; empty when `paths` is complete
    /// Relative to the root: paths that were created, written, renamed or removed, or whose
    /// attributes changed, and the directories that contain them. The root itself is left out.
    Paths paths;
};

/// Creates the fanotify group of a journal: the kernel reports to it every change on the file
/// system of a directory. This needs CAP_SYS_ADMIN; reading from the descriptor does not.
/// Throws Error{media} that says why the kernel or the file system refuses.
/// Source: fanotify(7).
UniqueFd make_journal_group(const std::filesystem::path& root);

/// Records which paths of a tree have changed, so that the tree need not be walked.
///
/// When changes cannot be expressed as paths, the journal has a gap, which lasts until the next
/// take(). It may also report paths that did not change. It does not report writes through a memory
/// mapping or an open file before that file is closed, nor changes by truncate(2) and utimensat(2)
/// to a file that is not open. All functions may be called from any thread.
class ChangeJournal {
 public:
    /// The journal begins with a gap, because earlier changes are unknown; see resume().
    /// \param group    result of make_journal_group. Resolving its file handles to paths needs
    ///                 CAP_DAC_READ_SEARCH
    /// \param excluded names of directories in the root whose changes are ignored
    /// \param limit    more changed paths than this become a gap, so that memory is bounded
    /// Throws Error{media} when the root cannot be opened.
    ChangeJournal(UniqueFd group, std::filesystem::path root, std::vector<std::string> excluded,
                  std::size_t limit = 200'000);
    ChangeJournal(const ChangeJournal&) = delete;
    ChangeJournal& operator=(const ChangeJournal&) = delete;

    const std::filesystem::path& root() const { return root_; }
    const std::vector<std::string>& excluded() const { return excluded_; }
    /// Returns the descriptor of the group, for poll(2): it is readable when events are pending.
    /// Only the journal may read from it.
    int fd() const { return group_.get(); }

    /// Reads all pending events, so that the kernel's queue stays short. Never blocks. An event
    /// that cannot be used becomes a gap, not an exception.
    void drain();
    /// Drains, then returns the recorded changes and removes them from the journal.
    JournalChanges take();
    /// Returns the recorded changes without draining, and keeps them.
    JournalChanges peek() const;
    /// Adds the changes that a failed run had taken, so that the next run gets them.
    void put_back(JournalChanges changes);

    /// Returns the recorded changes as bytes for resume(), for a later reader of the same group.
    /// Returns nullopt after a gap.
    std::optional<std::string> serialize() const;
    /// Continues where an earlier reader of the same group ended: replaces the initial gap by the
    /// changes which that reader recorded. Has to be called before any other function.
    /// \param memory result of serialize()
    /// \return false, with the gap unchanged, when the bytes are not from serialize() for this tree
    bool resume(std::string_view memory);

 private:
    void read_all();
    void look_around();
    void note(const JournalEvent& event);
    void note_directory(const JournalEvent& event, const std::string& path);
    void note_gap(std::string_view why);
    void check_limit();

    // Constant after construction.
    const UniqueFd group_;
    const std::filesystem::path root_;
    const std::vector<std::string> excluded_;
    const std::size_t limit_;

    mutable std::mutex mutex_;  ///< protects all members below
    JournalReader reader_;
    TreeHandles handles_;
    JournalChanges changes_;
    std::string coverage_gap_;  ///< the last result of coverage_gap()
    Paths removed_;             ///< directories removed since the last gap: see note_directory
};

}  // namespace mastobak::media
