// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/unique_fd.hpp"
#include "media/index/path_order.hpp"
#include "media/journal/journal_reader.hpp"
#include "media/journal/tree_handles.hpp"

namespace mastobak::media {

/// What changed below a tree since the journal was last asked.
struct JournalChanges {
    std::string gap;  ///< why nothing is known ("the kernel's queue overflowed"): walk. Empty:
                      ///< paths are all that changed
    /// Relative to the root: names that were made, written, renamed, removed, or whose attributes
    /// changed, and the directories that they are in. The root itself is left out.
    Paths paths;
};

/// Makes the kernel's side of a journal: a fanotify group that hears of every change on the file
/// system of a directory. Needs CAP_SYS_ADMIN to make; a process that has the descriptor may read
/// it.
/// Throws Error{media} that says why the kernel or the file system refuses.
/// Source: fanotify(7).
UniqueFd make_journal_group(const std::filesystem::path& root);

/// Says which paths of a tree have changed, so that it need not be walked.
///
/// It never claims more than it knows: what it cannot tell by paths is a gap, which lasts until
/// the next take(). Paths that did not change may be named, too. Not told are writes through a
/// mapping or an open file until it is closed, and what truncate(2) and utimensat(2) do to a file
/// that is not open. Any thread.
class ChangeJournal {
 public:
    /// Begins with a gap, since what changed before is not known; see resume().
    /// \param group    of make_journal_group. To look up what it names takes CAP_DAC_READ_SEARCH
    /// \param excluded names of directories in the root of which nothing is told
    /// \param limit    more paths than that are a gap, so that memory is bounded
    /// Throws Error{media} when the root cannot be opened.
    ChangeJournal(UniqueFd group, std::filesystem::path root, std::vector<std::string> excluded,
                  std::size_t limit = 200'000);
    ChangeJournal(const ChangeJournal&) = delete;
    ChangeJournal& operator=(const ChangeJournal&) = delete;

    const std::filesystem::path& root() const { return root_; }
    const std::vector<std::string>& excluded() const { return excluded_; }
    /// Readable when the kernel has something to tell; to be waited for, not to be read.
    int fd() const { return group_.get(); }

    /// Reads all that the kernel has, so that its queue stays short. Never blocks, never throws for
    /// what it finds there.
    void drain();
    /// Drains, then hands out what is known and forgets it.
    JournalChanges take();
    /// What the next take() would say without draining.
    JournalChanges peek() const;
    /// Gives back the changes of a run that failed, for the next one.
    void put_back(JournalChanges changes);

    /// All that was read and not taken, for a later reader of this very group: bytes for resume().
    /// Nothing after a gap.
    std::optional<std::string> serialize() const;
    /// Replaces the gap that it began with: continues where an earlier reader of this very group
    /// has ended. To be called before anything else.
    /// Returns whether these were the bytes of serialize(), for the same tree.
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

    mutable std::mutex mutex_;  ///< of all that follows
    JournalReader reader_;
    TreeHandles handles_;
    JournalChanges changes_;
    std::string coverage_gap_;  ///< at the last look: see coverage_gap
    Paths removed_;             ///< directories, since the last gap: see note_directory
};

}  // namespace mastobak::media
