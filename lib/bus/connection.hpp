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

/// D-Bus in Asio's thread. Nothing here is thread-safe, and nothing here blocks, but for the
/// connection itself being made.
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
    std::string returns{};  ///< the signature of the answer ("a(so)"); a different one is an error
    std::chrono::milliseconds timeout{25'000};
};

/// What came back: values, or the error that the other side answered with.
struct Reply {
    Values values{};
    std::string error_name{};  ///< "org.freedesktop.systemd1.NoSuchUnit"; empty if there was none
    std::string error_text{};

    bool ok() const { return error_name.empty(); }
};

/// Which signals; empty members match everything.
struct Match {
    std::string sender{};
    std::string path{};
    std::string interface {};
    std::string member{};
    std::string signature{};  ///< of what it carries; other signals are passed over
};

/// Ends a subscription with its own end.
using Subscription = std::shared_ptr<void>;

/// A connection to a bus, served by an event loop.
///
/// It survives the bus: when the connection breaks, calls under way fail with Error{unavailable},
/// and it connects anew (at the next call at the latest); subscriptions, exported objects and names
/// are there again then. It keeps the loop busy until close().
class Connection {
 public:
    /// Connects to the system bus (or where DBUS_SYSTEM_BUS_ADDRESS says), or to an address.
    /// Throws Error{unavailable|denied}.
    explicit Connection(asio::io_context& loop, std::string address = {});
    /// Sends what is still to be sent. Subscriptions and objects may outlive it, and then do
    /// nothing.
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Calls and waits for the answer, an error of the other side being one.
    /// Throws Error{unavailable} when there is no answer (the bus is gone, no process has that
    /// name, timeout), Error{denied} when not allowed to.
    /// Cancel: stops waiting.
    async::Task<Reply> exchange(Call call);

    /// The same, for those who expect no error: it becomes an Error, of the code it came from if
    /// it is one of mastobak's (org.mastobak.Error.<code>), Error{units} otherwise.
    async::Task<Values> call(Call call);

    /// The same for the time when the loop does not run any more: on a connection of its own.
    Values call_blocking(const Call& call) const;

    /// Calls the handler, from the loop, with each signal that matches, also those of the time
    /// after a reconnection. Installed when it returns.
    [[nodiscard]] Subscription subscribe(Match match, std::function<void(const Values&)> handler);

    /// Owns a name on the bus, so that clients find us; throws Error{denied|busy}.
    void request_name(const std::string& name);

    bool connected() const;
    /// Counts connections: another number than before means that the other sides have forgotten
    /// us.
    std::uint64_t generation() const;
    /// Disconnects for good, so that the loop can end.
    void close();

 private:
    friend class Exported;
    std::shared_ptr<Link> link_;
};

}  // namespace mastobak::bus
