// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace mastobak::async {

namespace asio = boost::asio;

/// A coroutine of the event loop. It starts when it is awaited (or spawned).
template <typename T = void>
using Task = asio::awaitable<T>;

}  // namespace mastobak::async
