// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>

#include "postgres/connection.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

/// Work items that several connections share. Each connection takes the next item when it is free.
struct ParallelWork {
    std::size_t items = 0;
    unsigned connections = 2;
    std::string role{};  ///< the connections use it with SET ROLE; empty: none
    std::function<void(Connection&)> prepare{};  ///< called once for each connection; may be empty
    /// Called for each item. Each connection has its own thread. The first error ends all of them.
    std::function<void(Connection&, std::size_t item)> work;
    /// Called after each item, by one thread at a time; may be empty.
    std::function<void(std::size_t done, std::size_t of)> done{};
};

/// Does all items and returns when the last one is done.
/// Throws Error{database}, Error{cancelled}, and the exceptions of `work`.
void in_parallel(const Settings& settings, const ParallelWork& work, std::stop_token stop);

/// Switches off the time-outs of a session, as an admin may have set them for web requests, and
/// makes a query fail where a row security policy would hide rows.
void clear_timeouts(Connection& connection);

}  // namespace mastobak::postgres
