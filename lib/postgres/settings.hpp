// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/process/reach.hpp"

namespace mastobak::postgres {

/// Connection parameters of libpq. The key is the parameter's name: "sslmode", "options".
using Parameters = std::map<std::string, std::string>;

/// How to connect to a database. Our own connections and all child processes (pg_dump, pg_restore,
/// psql) connect in the same way.
struct Settings {
    std::string host{};  ///< name, address, or directory of the socket; empty: libpq's default
    std::uint16_t port = 5432;
    std::string database{};
    std::string user{};
    std::string password{};            ///< secret; never in argv, never logged
    std::filesystem::path passfile{};  ///< instead of the password
    std::chrono::seconds connect_timeout{10};
    /// The time limit of each statement. 0: none, even where the server or the role sets one.
    std::chrono::milliseconds statement_timeout{0};
    /// Where a session looks for names without a schema. Scripts of extensions (PostGIS's topology)
    /// read the path and extend it; for them alone another one than the safe one is right.
    std::string search_path = "pg_catalog";
    /// The system user as which a root process connects, for peer authentication. Empty: the user
    /// of this process.
    std::string system_user{};
    Parameters parameters{};  ///< all other parameters, without those above

    /// Returns "database 'x' at '/run/postgresql:5432' as 'y'", for messages. Has no secrets.
    std::string to_string() const;
    /// Returns all parameters for libpq. Files that libpq would otherwise look for in the home of
    /// our user (~/.pgpass, ~/.postgresql) are set to a path that does not exist, because they do
    /// not belong to Mastodon.
    Parameters complete() const;
    /// Returns complete() as environment variables for a child process: PGHOST, PGPORT, PGPASSWORD,
    /// …
    /// A child does not get the parameters that have no variable (keepalives, for example).
    std::map<std::string, std::string> environment() const;
    /// Returns the settings with which each session of ours and of our child processes begins, in
    /// the syntax of libpq's `options`. They come after the `options` of the parameters, and so
    /// override them. They also override ALTER DATABASE, ALTER ROLE and ALTER SYSTEM: the search
    /// path has no schema in which others can create functions, no time-out ends statements that
    /// take hours, and a query that a row security policy would filter fails.
    /// Source: PostgreSQL's documentation, 20.1.3 and "SET"; CVE-2018-1058.
    std::string session_options() const;
    /// Returns whether the server is reached by a Unix socket, where libpq uses no TLS files.
    bool by_socket() const { return host.empty() || host.starts_with('/'); }
    /// Returns the files that libpq reads to connect: certificates, a key, the passfile.
    std::vector<std::filesystem::path> files() const;
    /// Returns the Reach of a child process that connects: these files and the kind of socket.
    /// \param reads further files that the child reads
    Reach reach(std::vector<std::filesystem::path> reads = {}) const;
};

/// Returns the parameter that an environment variable sets: "sslcert" for PGSSLCERT; nullopt for a
/// variable that the libpq of this host does not know.
/// Source: libpq, PQconndefaults
std::optional<std::string> parameter_of_variable(const std::string& variable);

using Variables = std::map<std::string, std::string>;

/// Removes all variables that begin with "PG" (libpq's PGHOST, PGSERVICE, …) from the environment
/// of this process: those of a shell or a unit would change which database libpq uses. Child
/// processes do not inherit them in any case (Command). Call it before a second thread is started.
/// \return the removed variables
Variables forget_variables();

/// Returns whether the libpq of this host knows a parameter of that name.
bool is_parameter(const std::string& name);

/// Returns the parameters of one service in a connection service file.
/// \param text content of pg_service.conf
/// \return nullopt when the file has no such service
/// Source: PostgreSQL's documentation, 34.17 The Connection Service File
std::optional<Parameters> service_parameters(const std::string& text, const std::string& service);

}  // namespace mastobak::postgres
