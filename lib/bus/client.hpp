// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/error.hpp"

namespace mastobak::bus {

/// The client of an Exported object, for a program without an event loop. All calls block.
///
/// All functions throw Error{unavailable} when there is no answer (no bus, no such name, the daemon
/// ended), Error{denied} when the bus or the daemon denies access, and otherwise the Error that the
/// handler in the daemon threw, with the same code.
class Client {
 public:
    using Handler = std::function<void(const std::string& payload)>;

    /// \param name bus name of the service: "org.mastobak"
    /// \param address address of the bus; empty for the system bus
    Client(std::string name, std::string path, std::string interface, std::string address = {});
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    std::string call(const std::string& method, const std::string& argument = {});
    std::string property(const std::string& name);

    /// Registers a handler for a signal of the object. It is called while one of the functions here
    /// waits. Call this before the method whose signals must not be missed.
    void subscribe(const std::string& signal, Handler handler);

    /// Dispatches signals until the condition holds. The condition is evaluated at the beginning
    /// and after each signal.
    /// \return false when the time limit was reached first
    /// Throws Error{unavailable} as soon as the owner of the name disappears.
    bool wait_until(const std::function<bool()>& condition,
                    std::optional<std::chrono::milliseconds> limit = {});

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::bus
