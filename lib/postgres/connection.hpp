// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "postgres/settings.hpp"

namespace mastobak::postgres {

/// A row of a query's result. A NULL value is nullopt.
using Row = std::vector<std::optional<std::string>>;

/// A statement that the server refused.
struct Refusal {
    std::string sqlstate;  ///< "42883"; empty: the connection is lost
    Error error;           ///< Error{database}
};

enum class Pooler { refused, allowed };

/// One connection to a server. Its functions block, so call them on the thread pool. Only cancel()
/// may be called from another thread while a function runs.
class Connection {
 public:
    /// Connects to the server.
    /// \param stop   does what cancel() does, also to the attempt to connect
    /// \param pooler whether the server may be PgBouncer: allowed for a query whose answer does not
    ///               depend on the session
    /// Throws Error{database} with a hint for the usual causes (PostgreSQL does not run, the role
    /// is wrong, pg_hba.conf has no line for it, a PgBouncer is in between: the hint names the
    /// server's own port); Error{cancelled}.
    explicit Connection(const Settings& settings, std::stop_token stop = {},
                        Pooler pooler = Pooler::refused);
    ~Connection();

    /// Runs one statement and returns its rows.
    /// Throws Error{database} with the server's message, Error{cancelled} after cancel().
    std::vector<Row> query(const std::string& sql, const std::vector<std::string>& parameters = {});
    /// Runs one or more statements, separated by semicolons, in one transaction.
    /// \return nullopt if all of them succeeded
    /// Throws Error{cancelled} after cancel().
    std::optional<Refusal> attempt(const std::string& sql);
    /// Runs COPY … TO STDOUT (text format), which does not use the planner. A query would: the
    /// planner evaluates constant expressions of a table's indexes, and thereby runs functions that
    /// the owner of the table has defined.
    /// \param on_row called with each row; may be empty
    /// \return the number of rows
    /// Throws Error{database}, Error{cancelled} after cancel().
    std::int64_t copy_out(const std::string& sql,
                          const std::function<void(std::string_view)>& on_row = {});
    /// Returns the first column of the first row.
    /// Throws Error{database} also when there is no row, or when the value is NULL.
    std::string value(const std::string& sql, const std::vector<std::string>& parameters = {});
    /// Returns a password in the encrypted form in which the server stores it, so that the password
    /// itself does not appear in a statement or a log.
    /// Throws Error{database}. Source: libpq, PQencryptPasswordConn
    std::string encrypted(const std::string& password, const std::string& role);
    /// Cancels the query that runs in another thread, and every later query of this connection.
    /// Returns at once and may be called from any thread. If the server does not react to the
    /// cancel request within two seconds, the query closes the connection and throws.
    void cancel() noexcept;

    int server_version() const;  ///< 150006
    int server_major() const { return server_version() / 10000; }
    int backend_pid() const;
    /// Returns the password for this server from the settings or their passfile. It is a secret.
    std::string password() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A connection that uses a role with SET ROLE; with an empty name, it stays its login.
class ConnectionAs : public Connection {
 public:
    ConnectionAs(const Settings& settings, const std::string& role, std::stop_token stop);
};

}  // namespace mastobak::postgres
