// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "media/index/path_order.hpp"
#include "media/journal/change_journal.hpp"

namespace mastobak::backup {

/// What one run takes from the change journal. A run that fails gives all of it back, so that the
/// next one hears of it again.
class JournalUse {
 public:
    /// \param journal null: there is none, which is a gap like any other
    explicit JournalUse(media::ChangeJournal* journal) : journal_(journal) {}
    /// Gives back what was taken, unless keep() was called. Without the memory for that the process
    /// ends: its successor trusts no journal.
    ~JournalUse();
    JournalUse(const JournalUse&) = delete;
    JournalUse& operator=(const JournalUse&) = delete;

    /// What changed since it was last asked.
    media::JournalChanges take();
    /// Whether there is a journal, and the next take() says more than what a freeze has time for.
    /// Looks at the size of each file that is named.
    bool much_is_waiting();
    /// All that was taken, and what is waiting. Incomplete if any of it is.
    media::JournalChanges all();

    bool exists() const { return journal_ != nullptr; }
    /// The run has succeeded.
    void keep() { journal_ = nullptr; }

 private:
    media::ChangeJournal* journal_;
    media::JournalChanges taken_;
};

}  // namespace mastobak::backup
