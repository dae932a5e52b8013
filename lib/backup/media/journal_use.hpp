// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "media/journal/change_journal.hpp"

namespace mastobak::backup {

/// The changes that one run takes from the change journal. A failed run returns all of them to the
/// journal, so that the next run gets them again.
class JournalUse {
 public:
    /// \param journal null when there is no journal; this counts as a gap
    explicit JournalUse(media::ChangeJournal* journal) : journal_(journal) {}
    /// Returns the taken changes to the journal, unless keep() was called. The process terminates
    /// if there is not enough memory for that; the next process then starts without a trusted
    /// journal.
    ~JournalUse();
    JournalUse(const JournalUse&) = delete;
    JournalUse& operator=(const JournalUse&) = delete;

    /// Takes the changes since the last call.
    media::JournalChanges take();
    /// Returns whether a journal exists and the next take() would return more changes than a freeze
    /// has time for. Reads the size of each changed file.
    bool much_is_waiting();
    /// Returns all changes taken so far and those that are still in the journal. The result is
    /// incomplete if any part of it is.
    media::JournalChanges all();

    bool exists() const { return journal_ != nullptr; }
    /// Called when the run has succeeded: the changes are not returned to the journal.
    void keep() { journal_ = nullptr; }

 private:
    media::ChangeJournal* journal_;
    media::JournalChanges taken_;
};

}  // namespace mastobak::backup
