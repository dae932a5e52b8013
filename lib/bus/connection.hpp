// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "bus/value.hpp"

/// D-Bus on Asio's thread. No class here is thread-safe. No function blocks, except the one that
/// makes the connection and call_blocking().
namespace mastobak::bus {

namespace asio = boost::asio;

struct Link;

/// A method call.
struct Call {
    std::string destination;
    std::string path;
    std::string interface;
    std::string method;
    std::vector<Argument> arguments{};
    std::string returns{};  ///< expected signature of the reply ("a(so)"); others are errors
    std::chrono::milliseconds timeout{25'000};
};

/// A reply: values, or the error that the other side returned.
struct Reply {
    Values values{};
    std::string error_name{};  ///< "org.freedesktop.systemd1.NoSuchUnit"; empty if there was none
    std::string error_text{};

    bool ok() const { return error_name.empty(); }
};

/// Selects signals; an empty member matches everything.
struct Match {
    std::string sender{};
    std::string path{};
    std::string interface {};
    std::string member{};
    std::string signature{};  ///< signature of the arguments; signals with another one are ignored
};

/// Its destruction ends the subscription.
using Subscription = std::shared_ptr<void>;

/// A connection to a bus, served by an event loop.
///
/// It survives a restart of the bus. When the connection breaks, pending calls fail with
/// Error{unavailable}, and the object reconnects (at the next call at the latest). It then restores
/// subscriptions, exported objects and names. It keeps the loop running until close().
class Connection {
 public:
    /// Connects to the system bus (or where DBUS_SYSTEM_BUS_ADDRESS says), or to an address.
    /// Throws Error{unavailable|denied}.
    explicit Connection(asio::io_context& loop, std::string address = {});
    /// Sends the pending messages. Subscriptions and objects may outlive the connection, and then
    /// do nothing.
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Calls a method and waits for the reply. An error from the other side is a reply, too.
    /// Throws Error{unavailable} when there is no reply (no bus, no owner of the name, time-out),
    /// Error{denied} when access is denied.
    /// Cancel: stops waiting.
    async::Task<Reply> exchange(Call call);

    /// Does the same, but throws an error reply as an Error: with the original code if it is one of
    /// mastobak's (org.mastobak.Error.<code>), otherwise as Error{units}.
    async::Task<Values> call(Call call);

    /// Does the same when the loop no longer runs. Uses a separate connection, and blocks.
    Values call_blocking(const Call& call) const;

    /// Calls the handler on the loop with each matching signal, also after a reconnection. The
    /// subscription is active when the function returns.
    [[nodiscard]] Subscription subscribe(Match match, std::function<void(const Values&)> handler);

    /// Requests a name on the bus, under which clients find this process. Throws
    /// Error{denied|busy}.
    void request_name(const std::string& name);

    bool connected() const;
    /// Returns the number of the current connection. A changed number means that the other sides
    /// have lost all state about this client.
    std::uint64_t generation() const;
    /// Disconnects permanently, so that the loop can end.
    void close();

 private:
    friend class Exported;
    std::shared_ptr<Link> link_;
};

}  // namespace mastobak::bus
