// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mastobak {

/// While it lives, this thread may read what belongs to others (CAP_DAC_READ_SEARCH), and so may
/// the threads that it starts meanwhile, for good. For media and configuration files alone: the
/// daemon has the capability permitted, not effective, so that a path in its own directories, which
/// others may have chosen, gives no more than its user may read.
///
/// Nothing happens in a process to which it is not permitted. Never throws.
/// Source: capabilities(7), "Thread capability sets"
class ReadAnything {
 public:
    ReadAnything() noexcept;
    ~ReadAnything();
    ReadAnything(const ReadAnything&) = delete;
    ReadAnything& operator=(const ReadAnything&) = delete;

 private:
    bool raised_ = false;  ///< by this one: one inside of another changes nothing
};

/// Leaves this process, which has no other threads yet, CAP_DAC_READ_SEARCH as permitted, where it
/// has that, and no capability that is effective or that a child inherits. Root's are left alone.
void lower_capabilities() noexcept;

}  // namespace mastobak
