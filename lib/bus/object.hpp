// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bus/connection.hpp"

namespace mastobak::bus {

/// Who calls a method of ours.
struct Caller {
    std::string name;          ///< unique on the bus: ":1.42"
    std::optional<uid_t> uid;  ///< as the bus tells; nothing if it does not (the caller is gone)
};

/// An object of ours on the bus, with one interface, whose payload is text throughout: each method
/// takes one string and returns one ("s" to "s"), properties and signals are one string. What is in
/// them (JSON, mostly) is the business of those who use it.
///
///     bus::Exported object(connection, "/org/mastobak/Daemon1", "org.mastobak.Daemon1");
///     object.method("Start", [this](const std::string& json, const bus::Caller& caller) {…});
///     object.property("State", [this] { return state_json(); });
///     object.signal("Progress");
///     object.publish();
///     …
///     object.emit("Progress", json);
///     object.changed("State");
///
/// What a handler throws goes to the caller as D-Bus error org.mastobak.Error.<code> with the text
/// (and the hint), and becomes the same Error there; see client.hpp.
class Exported {
 public:
    using Method = std::function<std::string(const std::string& argument, const Caller& caller)>;
    using Property = std::function<std::string()>;

    Exported(Connection& connection, std::string path, std::string interface);
    ~Exported();
    Exported(const Exported&) = delete;
    Exported& operator=(const Exported&) = delete;

    /// All before publish(). Handlers run in the loop and must not block.
    void method(std::string name, Method handler);
    void property(std::string name, Property getter);
    void signal(std::string name);

    /// Makes it visible on the bus, and again after each reconnection.
    void publish();

    /// Sends a signal; nothing happens while there is no bus. Never throws.
    void emit(const std::string& signal, const std::string& payload) noexcept;
    /// Says org.freedesktop.DBus.Properties.PropertiesChanged with the new value. Never throws.
    void changed(const std::string& property) noexcept;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace mastobak::bus
