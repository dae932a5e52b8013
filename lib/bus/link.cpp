// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/link.hpp"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <exception>
#include <utility>

#include "bus/errors.hpp"

namespace mastobak::bus {
namespace {

using namespace std::chrono_literals;
constexpr auto first_retry = 100ms;
constexpr std::chrono::milliseconds longest_retry = 10s;

}  // namespace

Link::Link(asio::io_context& loop_of_all, std::string address_of_bus)
    : loop(loop_of_all),
      address(std::move(address_of_bus)),
      deadline_(loop),
      retry_(loop),
      retry_after_(first_retry) {}

void Link::ensure() {
    if (closed) throw Error(Errc::unavailable, "the connection to the bus is closed");
    if (bus) return;
    connect();
    try {
        restore();
    } catch (...) {
        drop();
        throw;
    }
}

void Link::connect() {
    const auto doing =
        "connect to " + (address.empty() ? "the system bus" : "the bus '" + address + "'");
    try {
        bus = compat::connect(address);
        // Asio and libsystemd each close their descriptor, so Asio gets a duplicate.
        const int fd = ::fcntl(compat::poll_data(*bus).fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0) {
            bus.reset();
            throw errno_error(Errc::unavailable, doing, errno);
        }
        descriptor_.emplace(loop, fd);
    } catch (const sdbus::Error& e) {
        bus.reset();
        throw translate(doing, e, Errc::unavailable);
    }
    waits_to_read_ = waits_to_write_ = false;
    retry_after_ = first_retry;
    retry_.cancel();
    ++generation;
    kick();
}

void Link::restore() {
    std::erase_if(attachments_, [](const auto& weak) { return weak.expired(); });
    try {
        for (const auto& weak : attachments_)
            if (const auto attachment = weak.lock()) attachment->attach(*bus);
        for (const auto& name : names_) compat::request_name(*bus, name);
    } catch (const sdbus::Error& e) {
        throw translate("reconnect to the bus", e, Errc::unavailable);
    }
}

void Link::add(const std::shared_ptr<Attachment>& attachment) {
    const bool connected = bus != nullptr;
    attachments_.push_back(attachment);
    ensure();  // also attaches it if it has to connect
    if (connected) attachment->attach(*bus);
    kick();
}

void Link::request_name(const std::string& name) {
    ensure();
    try {
        compat::request_name(*bus, name);
    } catch (const sdbus::Error& e) {
        throw translate("own the bus name '" + name + "'", e, Errc::busy);
    }
    names_.push_back(name);
    kick();
}

void Link::kick() {
    if (std::exchange(kicked_, true)) return;
    asio::post(loop, [self = shared_from_this()] {
        self->kicked_ = false;
        self->pump();
    });
}

void Link::pump() {
    if (!bus || dispatching_) return;
    dispatching_ = true;
    bool lost = false;
    try {
        while (!closed && compat::process(*bus)) {
        }
        if (!closed) wait();
    } catch (const std::exception&) {
        // The connection is lost (ENOTCONN and similar errors), or memory is exhausted.
        lost = true;
    }
    dispatching_ = false;
    if (lost || closed) drop();
    if (lost && !closed) retry();
}

void Link::wait() {
    const auto data = compat::poll_data(*bus);
    const auto self = shared_from_this();
    const auto now_ready = [self, connection = generation](bool Link::*waits) {
        return [self, connection, waits](const boost::system::error_code& error) {
            if (self->generation != connection) return;
            (*self).*waits = false;
            if (!error) self->pump();
        };
    };
    if (!std::exchange(waits_to_read_, true))
        descriptor_->async_wait(asio::posix::stream_descriptor::wait_read,
                                now_ready(&Link::waits_to_read_));
    if ((data.events & POLLOUT) != 0 && !std::exchange(waits_to_write_, true))
        descriptor_->async_wait(asio::posix::stream_descriptor::wait_write,
                                now_ready(&Link::waits_to_write_));
    if (data.deadline_usec == UINT64_MAX) {
        deadline_.cancel();
        return;
    }
    // Both the steady clock and libsystemd use CLOCK_MONOTONIC.
    const std::chrono::microseconds deadline(static_cast<std::int64_t>(data.deadline_usec));
    deadline_.expires_at(asio::steady_timer::time_point(deadline));
    deadline_.async_wait([self](const boost::system::error_code& error) {
        if (!error) self->pump();
    });
}

void Link::drop() noexcept {
    for (const auto& weak : attachments_)
        if (const auto attachment = weak.lock()) attachment->detach();
    for (const auto& call : std::exchange(calls, {})) {
        call->proxy.reset();
        call->lost = true;
        call->finish();
    }
    deadline_.cancel();
    descriptor_.reset();
    bus.reset();
}

void Link::retry() {
    retry_.expires_after(retry_after_);
    retry_after_ = std::min(retry_after_ * 2, longest_retry);
    retry_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (error || self->closed || self->bus) return;
        try {
            self->ensure();
        } catch (const std::exception&) {
            self->retry();
        }
    });
}

void Link::lost() {
    // While libsystemd is calling a handler, it needs the connection. It detects the loss itself.
    if (dispatching_ || !bus) return;
    drop();
    if (!closed) retry();
}

void Link::close() {
    closed = true;
    retry_.cancel();
    // While libsystemd is calling a handler, it needs the connection.
    if (!dispatching_) drop();
}

}  // namespace mastobak::bus
