// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "containers/answers.hpp"

namespace mastobak::containers {

/// A run of pg_dump in the container of its server. It logs in by TCP at the container's own
/// address, as it would from the host, and so can read nothing that the host could not: at the local
/// socket, the usual images trust every user of the container with every role.
struct PgDump {
    /// The container's own, see is_own_address(); in the container of a drill, DrillPlaces::sockets.
    std::string address;
    std::uint16_t port = 5432;
    std::string database;
    std::string user;
    std::string password{};         ///< secret: in the environment of the exec, not in argv
    std::string session_options{};  ///< of libpq
    std::string application{};
    std::string snapshot{};  ///< empty: none
    bool definitions_only = false;
    std::chrono::milliseconds lock_timeout{60'000};
    std::chrono::seconds connect_timeout{10};

    bool operator==(const PgDump&) const = default;
};

/// Returns the body of a request that makes an exec of this pg_dump.
/// Throws Error{database} when a value cannot be passed on: it has a control character, or is not
/// UTF-8, or is too long.
std::string exec_body(const PgDump& dump);
/// Parses what exec_body() returns. nullopt: the body is anything else.
std::optional<PgDump> parse_pg_dump(const std::string& body);

/// Returns the body of a request that makes an exec of `pg_dump --version`.
std::string version_body();

/// Returns whether the server in a container is reached by an address from inside it, and the
/// address is its own.
bool is_own_address(const Inspected& container, const std::string& address);

}  // namespace mastobak::containers
