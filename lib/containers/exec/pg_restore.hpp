// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace mastobak::containers {

/// A run of pg_restore in the container of a drill (see DrillPlaces), with the files of that drill.
struct PgRestore {
    std::string reader;   ///< "997:995": the user and the group that may read the dump
    std::string sockets;  ///< the directory of the server's socket
    std::string dump;     ///< path of the dump
    std::string list;     ///< path of the list of the entries to restore
    std::string database;
    std::string user;
    std::string password;           ///< secret: in the environment of the exec, not in argv
    std::string session_options{};  ///< of libpq
    std::string role{};             ///< creates all objects; empty: the user
    unsigned jobs = 1;
    bool exit_on_error = false;
    bool no_privileges = false;

    bool operator==(const PgRestore&) const = default;
};

/// Returns the body of a request that makes an exec of this pg_restore.
/// Throws Error{database} when a value cannot be passed on: it has a control character, or is not
/// UTF-8, or is too long.
std::string exec_body(const PgRestore& restore);
/// Parses what exec_body() returns. nullopt: the body is anything else.
std::optional<PgRestore> parse_pg_restore(const std::string& body);

}  // namespace mastobak::containers
