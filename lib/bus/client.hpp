// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/error.hpp"

namespace mastobak::bus {

/// The other side of an Exported object, for a program without a loop of its own: it blocks.
///
/// All of it throws Error{unavailable} when there is no answer (no bus, no such name, the daemon
/// went away), Error{denied} when the bus or the daemon do not allow it, and otherwise the Error
/// that the handler threw over there, with the same code.
class Client {
 public:
    using Handler = std::function<void(const std::string& payload)>;

    /// Connects to the system bus, or to an address.
    /// \param name of the bus name's owner: "org.mastobak"
    Client(std::string name, std::string path, std::string interface, std::string address = {});
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    std::string call(const std::string& method, const std::string& argument = {});
    std::string property(const std::string& name);

    /// From now on the handler gets each such signal of the object, while one of the methods here
    /// waits. Call it before the method whose signals must not be missed.
    void subscribe(const std::string& signal, Handler handler);

    /// Serves signals until the condition (asked after each signal, and at the beginning) holds.
    /// \return whether it held within the time
    /// Throws Error{unavailable} as soon as the owner of the name goes away.
    bool wait_until(const std::function<bool()>& condition,
                    std::optional<std::chrono::milliseconds> limit = {});

    /// Ends a wait_until() early with Error{cancelled}; may be called by a signal handler.
    void interrupt() noexcept;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::bus
