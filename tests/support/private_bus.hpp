// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <thread>

#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A private dbus-daemon on a socket in a temporary directory, without access control.
class PrivateBus {
 public:
    PrivateBus();
    ~PrivateBus();
    PrivateBus(const PrivateBus&) = delete;
    PrivateBus& operator=(const PrivateBus&) = delete;

    std::string address() const;

    /// Ends the daemon and all connections.
    void stop();
    /// Starts a daemon at the same address; returns when it listens.
    void start();

 private:
    TemporaryDirectory directory_;
    std::jthread daemon_;  ///< runs the dbus-daemon, and ends with it
};

}  // namespace mastobak::test
