// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>

#include "postgres/connection.hpp"

/// Not for other folders.
namespace mastobak::postgres {

/// Items that several connections do at once, each taking the next one when it is free.
struct ParallelWork {
    std::size_t items = 0;
    unsigned connections = 2;
    std::string role{};  ///< that the connections take on (SET ROLE); empty: none
    std::function<void(Connection&)> prepare{};  ///< each connection, before its work; may be empty
    /// By one thread for each connection. The first error ends them all.
    std::function<void(Connection&, std::size_t item)> work;
    /// After each item, by one thread at a time; may be empty.
    std::function<void(std::size_t done, std::size_t of)> done{};
};

/// Throws Error{database}, Error{cancelled}, and what the work throws.
void in_parallel(const Settings& settings, const ParallelWork& work, std::stop_token stop);

/// Time-outs that an admin set for web requests would end what takes hours; and rows that a policy
/// hides are an error.
void clear_timeouts(Connection& connection);

}  // namespace mastobak::postgres
