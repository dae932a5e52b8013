// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/unique_fd.hpp"
#include "media/path_order.hpp"

namespace mastobak::media {

/// What changed below a tree since the journal was last asked.
struct JournalChanges {
    std::string doubt;  ///< why nothing is known ("the kernel's queue overflowed"): walk. Empty:
                        ///< paths are all that changed
    /// Relative to the root: names that were made, written, renamed, removed, or whose attributes
    /// changed, and the directories that they are in. The root itself is left out.
    Paths paths;
};

/// Makes the kernel's side of a journal: a fanotify group that hears of every change on the file
/// system of a directory. Needs CAP_SYS_ADMIN; whoever has the descriptor may read it.
/// Throws Error{media} that says why the kernel or the file system refuses.
/// Source: fanotify(7).
UniqueFd make_journal_group(const std::filesystem::path& root);

/// Says which paths of a tree have changed, so that nobody has to walk it.
///
/// It never claims more than it knows: what it cannot tell by paths is a doubt, which lasts until
/// the next take(). Paths that did not change may be named, too. Any thread.
class ChangeJournal {
 public:
    /// Begins in doubt, since nobody knows what changed before; see resume().
    /// \param group    of make_journal_group. To look up what it names takes CAP_DAC_READ_SEARCH
    /// \param excluded names of directories in the root of which nothing is told
    /// \param limit    more paths than that are a doubt, so that memory is bounded
    /// Throws Error{media} when the root cannot be opened.
    ChangeJournal(UniqueFd group, std::filesystem::path root, std::vector<std::string> excluded,
                  std::size_t limit = 200'000);
    ~ChangeJournal();
    ChangeJournal(const ChangeJournal&) = delete;
    ChangeJournal& operator=(const ChangeJournal&) = delete;

    /// Readable when the kernel has something to tell; to be waited for, not to be read.
    int fd() const;

    /// Reads all that the kernel has, so that its queue stays short. Never blocks, never throws for
    /// what it finds there.
    void drain();
    /// Drains, then hands out what is known and forgets it.
    JournalChanges take();
    /// What the next take() would say without draining.
    JournalChanges peek() const;
    /// Of a run that failed: its changes are told again.
    void put_back(JournalChanges changes);
    /// Instead of the doubt that it began in: what an earlier reader of this very group had not
    /// used yet. To be called before anything else.
    void resume(JournalChanges known);

 private:
    class Events;

    mutable std::mutex mutex_;
    const std::unique_ptr<Events> events_;
    const std::size_t limit_;
    JournalChanges changes_;
};

}  // namespace mastobak::media
