// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bus/connection.hpp"

namespace mastobak::bus {

/// The caller of a method.
struct Caller {
    std::string name;          ///< unique on the bus: ":1.42"
    std::optional<uid_t> uid;  ///< from the bus; nullopt when the caller has disconnected
};

/// An exported object with one interface. All data is text: each method takes one string and
/// returns one ("s" to "s"), and each property and signal is one string. The users of this class
/// define the content (mostly JSON).
///
///     bus::Exported object(connection, "/org/mastobak/Daemon1", "org.mastobak.Daemon1");
///     object.method("Start", [this](const std::string& json, const bus::Caller& caller) {…});
///     object.property("State", [this] { return state_json(); });
///     object.signal("Progress");
///     object.publish();
///     …
///     object.emit("Progress", json);
///
/// An exception thrown by a handler is sent to the caller as the D-Bus error
/// org.mastobak.Error.<code> with the text and the hint. The caller's side converts it back to the
/// same Error; see client.hpp.
class Exported {
 public:
    using Method = std::function<std::string(const std::string& argument, const Caller& caller)>;
    using Property = std::function<std::string()>;

    Exported(Connection& connection, std::string path, std::string interface);
    ~Exported();
    Exported(const Exported&) = delete;
    Exported& operator=(const Exported&) = delete;

    /// Call these before publish(). Handlers run on the loop and must not block.
    void method(std::string name, Method handler);
    void property(std::string name, Property getter);
    void signal(std::string name);

    /// Exports the object on the bus, now and after each reconnection.
    void publish();

    /// Sends a signal. Has no effect while there is no connection. Never throws.
    void emit(const std::string& signal, const std::string& payload) noexcept;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace mastobak::bus
