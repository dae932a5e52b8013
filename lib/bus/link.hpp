// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "bus/compat.hpp"
#include "bus/connection.hpp"
#include "core/error.hpp"

namespace mastobak::bus {

/// An object on a connection that has to be attached again after each reconnection.
class Attachment {
 public:
    virtual ~Attachment() = default;
    virtual void attach(sdbus::IConnection& bus) = 0;
    /// Releases everything that refers to the connection, which is about to be destroyed.
    virtual void detach() noexcept = 0;
};

/// A pending call. Its caller waits for the timer, which the reply cancels.
struct PendingCall {
    explicit PendingCall(asio::io_context& loop)
        : arrived(loop, asio::steady_timer::time_point::max()) {}

    void finish() {
        finished = true;
        arrived.cancel();
    }

    std::unique_ptr<sdbus::IProxy> proxy{};
    asio::steady_timer arrived;
    bool finished = false;
    bool lost = false;  ///< the connection broke before the answer
    Reply reply{};
    std::optional<Error> failure{};  ///< the answer could not be read
};

/// The implementation of Connection: it drives sdbus-c++ from Asio.
///
/// sdbus-c++ 1.2 has a race between calls and an event loop in another thread, so one thread does
/// both. libsystemd says before each wait which events to wait for. Each sent call changes that,
/// which is why kick() exists.
struct Link : std::enable_shared_from_this<Link> {
    Link(asio::io_context& loop, std::string address);

    /// Connects if not connected. Throws Error{unavailable|denied}.
    void ensure();
    /// Schedules the processing of the connection for the next turn of the loop.
    void kick();
    void close();
    /// Drops a broken connection, and reconnects as soon as possible.
    void lost();

    /// Attaches an object to the current connection (if any) and to all later ones.
    void add(const std::shared_ptr<Attachment>& attachment);
    void request_name(const std::string& name);

    asio::io_context& loop;
    const std::string address;
    std::unique_ptr<sdbus::IConnection> bus{};
    std::uint64_t generation = 0;
    bool closed = false;
    std::set<std::shared_ptr<PendingCall>> calls{};

 private:
    void connect();
    void restore();
    void pump();
    void wait();
    void drop() noexcept;
    void retry();

    std::vector<std::weak_ptr<Attachment>> attachments_{};
    std::vector<std::string> names_{};
    std::optional<asio::posix::stream_descriptor> descriptor_{};
    asio::steady_timer deadline_;
    asio::steady_timer retry_;
    std::chrono::milliseconds retry_after_{};
    bool waits_to_read_ = false;
    bool waits_to_write_ = false;
    bool dispatching_ = false;
    bool kicked_ = false;
};

}  // namespace mastobak::bus
