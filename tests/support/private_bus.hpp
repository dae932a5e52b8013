// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <thread>

#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A dbus-daemon of our own, on a socket in a temporary directory; everybody may do everything.
class PrivateBus {
 public:
    PrivateBus();
    ~PrivateBus();
    PrivateBus(const PrivateBus&) = delete;
    PrivateBus& operator=(const PrivateBus&) = delete;

    std::string address() const;

    /// Ends the daemon, and the connections with it.
    void stop();
    /// Starts one on the same address; returns when it listens.
    void start();

 private:
    TemporaryDirectory directory_;
    std::jthread daemon_;  ///< runs it, and dies with it
};

}  // namespace mastobak::test
