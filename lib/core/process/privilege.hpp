// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mastobak {

/// During its lifetime, the current thread may read files of all users (CAP_DAC_READ_SEARCH is
/// effective). Threads started meanwhile keep the capability until they end. Use it only for media
/// and configuration files. Elsewhere the capability is permitted but not effective, so that a path
/// in the daemon's own directories, which another user may have chosen, leads only to files that
/// the daemon's user may read.
///
/// Has no effect in a process without the permitted capability. Never throws.
/// Source: capabilities(7), "Thread capability sets"
class ReadAnything {
 public:
    ReadAnything() noexcept;
    ~ReadAnything();
    ReadAnything(const ReadAnything&) = delete;
    ReadAnything& operator=(const ReadAnything&) = delete;

 private:
    bool raised_ = false;  ///< this object raised it; false in a nested object
};

/// Drops all effective and inheritable capabilities of this process, and all permitted ones except
/// CAP_DAC_READ_SEARCH. Has to be called before any other thread is started. Does nothing for root.
void lower_capabilities() noexcept;

}  // namespace mastobak
