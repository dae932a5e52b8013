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

/// Something that lives on a connection and has to be put on the next one too.
class Attachment {
 public:
    virtual ~Attachment() = default;
    virtual void attach(sdbus::IConnection& bus) = 0;
    /// Lets go of everything that refers to the connection, which goes away now.
    virtual void detach() noexcept = 0;
};

/// A call under way; its caller waits for the timer, which is cancelled by the answer.
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

/// The inside of a Connection: sdbus-c++ pumped by Asio.
///
/// sdbus-c++ 1.2 has a race between calls and a loop in another thread, so there is one thread for
/// both. libsystemd tells before each wait what it waits for; that changes with each call sent,
/// hence kick().
struct Link : std::enable_shared_from_this<Link> {
    Link(asio::io_context& loop, std::string address);

    /// Makes the connection if there is none. Throws Error{unavailable|denied}.
    void ensure();
    /// Looks after the connection in the next turn of the loop.
    void kick();
    void close();
    /// The connection is broken: drops it, and makes a new one as soon as that works.
    void lost();

    /// Puts it on this connection (if there is one) and all later ones.
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
