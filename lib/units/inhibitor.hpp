// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "async/task.hpp"
#include "core/unique_fd.hpp"

namespace mastobak::bus {
class Connection;
}

namespace mastobak::units {

/// Keeps an orderly shutdown from beginning as long as it lives, or until logind loses its patience
/// (InhibitDelayMaxSec= of logind.conf(5), 5 s unless configured).
class Inhibitor {
 public:
    /// Holds no lock, where there is no logind.
    Inhibitor() = default;
    /// \param lock let go of by closing it, which the end of the process does as well
    explicit Inhibitor(std::shared_ptr<const UniqueFd> lock) : lock_(std::move(lock)) {}

    bool held() const { return lock_ != nullptr; }

 private:
    std::shared_ptr<const UniqueFd> lock_;
};

/// Takes logind's delay lock of a shutdown. Where logind is absent, or does not give it: one of
/// nothing, since a backup is worth more than that.
/// \param why for `systemd-inhibit --list`
/// Throws Error{units} when a shutdown has begun already.
/// Cancel: throws Error{cancelled}.
/// Source: org.freedesktop.login1(5), Inhibit(); systemd.io/INHIBITOR_LOCKS.
async::Task<Inhibitor> inhibit_shutdown(bus::Connection& connection, std::string why);

}  // namespace mastobak::units
