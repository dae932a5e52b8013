// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "async/task.hpp"
#include "core/files/unique_fd.hpp"

namespace mastobak::bus {
class Connection;
}

namespace mastobak::units {

/// Delays an orderly shutdown of the host as long as this object exists, but not longer than
/// InhibitDelayMaxSec= of logind.conf(5) (5 s by default).
class Inhibitor {
 public:
    /// Makes an object without a lock, for hosts without logind.
    Inhibitor() = default;
    /// \param lock closing it releases the lock, as the end of the process does
    explicit Inhibitor(std::shared_ptr<const UniqueFd> lock) : lock_(std::move(lock)) {}

    bool held() const { return lock_ != nullptr; }

 private:
    std::shared_ptr<const UniqueFd> lock_;
};

/// Takes logind's delay lock for a shutdown. Returns an object without a lock when logind is absent
/// or refuses, because the backup is more important.
/// \param why the reason, which `systemd-inhibit --list` shows
/// Throws Error{shutdown} when a shutdown has already begun.
/// Cancel: throws Error{cancelled}.
/// Source: org.freedesktop.login1(5), Inhibit(); systemd.io/INHIBITOR_LOCKS.
async::Task<Inhibitor> inhibit_shutdown(bus::Connection& connection, std::string why);

}  // namespace mastobak::units
