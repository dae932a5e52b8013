// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/lane.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace mastobak::daemon {

namespace asio = boost::asio;

struct Lane::Shared {
    asio::io_context& loop;
    asio::cancellation_signal cancel;
    bool running = true;
};

Lane::Lane(asio::io_context& loop, async::Task<> task, OnEnd on_end)
    : shared_(new Shared{loop, {}, true}) {
    auto ended = [shared = shared_, on_end = std::move(on_end)](std::exception_ptr failure) {
        shared->running = false;
        on_end(std::move(failure));
    };
    asio::co_spawn(loop, std::move(task),
                   asio::bind_cancellation_slot(shared_->cancel.slot(), std::move(ended)));
}

void Lane::cancel() {
    if (!running()) return;
    // Posted: a lane may cancel itself or another one from inside a handler of either.
    asio::post(shared_->loop,
               [shared = shared_] { shared->cancel.emit(asio::cancellation_type::terminal); });
}

bool Lane::running() const {
    return shared_ && shared_->running;
}

}  // namespace mastobak::daemon
