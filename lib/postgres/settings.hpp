// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/reach.hpp"

namespace mastobak::postgres {

/// Parameters of libpq's connection by their names: "sslmode", "sslrootcert", "options".
using Parameters = std::map<std::string, std::string>;

/// Where a database is, and how it is reached: by our own connection, and by each child (pg_dump,
/// pg_restore, psql) in the same way.
struct Settings {
    std::string host{};  ///< name, address, or directory of the socket; empty: libpq's default
    std::uint16_t port = 5432;
    std::string database{};
    std::string user{};
    std::string password{};            ///< secret; never in argv, never logged
    std::filesystem::path passfile{};  ///< instead of the password
    std::chrono::seconds connect_timeout{10};
    std::chrono::milliseconds statement_timeout{0};  ///< of each statement; 0: none, also where
                                                     ///< the server or the role has one
    /// Connects as this user of the system, where we are root: peer authentication asks who does.
    /// Empty: as we are.
    std::string system_user{};
    Parameters parameters{};  ///< the others, none of those above

    /// "database 'x' at /run/postgresql:5432 as 'y'": for messages, without secrets.
    std::string to_string() const;
    /// All that libpq is told, by its names; with the files that it would otherwise look for in the
    /// home of the user that we run as (~/.pgpass, ~/.postgresql): these are not Mastodon's.
    Parameters complete() const;
    /// The same for a child: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGOPTIONS, PGSSLMODE,
    /// … Parameters that have no such variable (keepalives and the like) are only ours.
    std::map<std::string, std::string> environment() const;
    /// What every session of ours and of our children begins with, as libpq's `options` takes it;
    /// after the `options` of the parameters, so that it counts more.
    /// What a client sends so counts more than what ALTER DATABASE, ALTER ROLE and ALTER SYSTEM
    /// have set: the search path has no schema in which others may make functions, no time-out
    /// ends what takes hours, and rows that a policy hides are an error.
    /// Source: PostgreSQL's documentation, 20.1.3 and "SET"; CVE-2018-1058.
    std::string session_options() const;
    /// Whether it is reached by a socket of this host, where neither TLS nor its files count.
    bool by_socket() const { return host.empty() || host.starts_with('/'); }
    /// The files that libpq reads for it: certificates, a key, the passfile.
    std::vector<std::filesystem::path> files() const;
    /// What a child can reach that connects to it: those files, and the server's kind of socket.
    /// \param reads what it reads besides
    Reach reach(std::vector<std::filesystem::path> reads = {}) const;
};

/// The parameter that an environment variable sets: "sslcert" for PGSSLCERT; nothing for a variable
/// that the libpq of this host does not know.
/// Source: libpq, PQconndefaults
std::optional<std::string> parameter_of_variable(const std::string& variable);

using Variables = std::map<std::string, std::string>;

/// Removes libpq's variables (PGHOST, PGSERVICE, PGOPTIONS, …) from our own environment: what a
/// shell or a unit has set there would change where a database is looked for. Children get none of
/// them in any case (Command). Before a second thread is started.
/// \return what was removed
Variables forget_variables();

/// Whether the libpq of this host knows a parameter of that name.
bool is_parameter(const std::string& name);

/// The parameters of one service of a connection service file.
/// \param text of pg_service.conf
/// \return nothing when the file has no such service
/// Source: PostgreSQL's documentation, 34.17 The Connection Service File
std::optional<Parameters> service_parameters(const std::string& text, const std::string& service);

}  // namespace mastobak::postgres
