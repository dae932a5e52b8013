// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mastobak::postgres {

/// Where a database is.
struct Settings {
    std::string host{};  ///< name, address, or directory of the socket; empty: libpq's default
    std::uint16_t port = 5432;
    std::string database{};
    std::string user{};
    std::string password{};            ///< secret; never in argv, never logged
    std::filesystem::path passfile{};  ///< instead of the password
    std::string ssl_mode{};
    std::chrono::seconds connect_timeout{10};
    std::chrono::milliseconds statement_timeout{0};  ///< of each statement; 0: none, also where
                                                     ///< the server or the role has one
    /// Connects as this user of the system, where we are root: peer authentication asks who does.
    /// Empty: as we are.
    std::string system_user{};

    /// "database 'x' at /run/postgresql:5432 as 'y'": for messages, without secrets.
    std::string to_string() const;
    /// PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGOPTIONS, … for a child.
    std::map<std::string, std::string> environment() const;
    /// What every session of ours and of our children begins with, as libpq's `options` takes it.
    /// What a client sends so counts more than what ALTER DATABASE, ALTER ROLE and ALTER SYSTEM
    /// have set: the search path has no schema in which others may make functions, no time-out
    /// ends what takes hours, and rows that a policy hides are an error.
    /// Source: PostgreSQL's documentation, 20.1.3 and "SET"; CVE-2018-1058.
    std::string session_options() const;
};

/// A row of a result; NULL is nullopt.
using Row = std::vector<std::optional<std::string>>;

/// One connection; blocks, so use it on the pool. Not for two threads at once.
class Connection {
 public:
    /// Throws Error{database} with a hint for the usual causes (not running, wrong role, no
    /// pg_hba.conf line, PgBouncer in between: names the direct port).
    /// \param stop gives up while it connects. Throws Error{cancelled} then.
    explicit Connection(const Settings& settings, std::stop_token stop = {});
    ~Connection();
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;

    /// Throws Error{database} with the server's message.
    std::vector<Row> query(const std::string& sql, const std::vector<std::string>& parameters = {});
    /// The rows of a plain table as COPY … TO STDOUT writes them (text), without the planner: that
    /// computes what it finds constant in a table's indexes, and so runs functions of the table's
    /// owner. Throws Error{database}.
    /// \param on_row may be empty
    /// \return how many rows
    std::int64_t copy_out(const std::string& sql,
                          const std::function<void(std::string_view)>& on_row = {});
    /// The first column of the first row; throws when there is none or it is NULL.
    std::string value(const std::string& sql, const std::vector<std::string>& parameters = {});
    /// A password as the server keeps it, so that it is in no statement and no log.
    /// Throws Error{database}. Source: libpq, PQencryptPasswordConn
    std::string encrypted(const std::string& password, const std::string& role);
    /// Ends the query that runs in another thread, and every later one. Safe from any thread, and
    /// does not wait: a server that does not even answer the request to cancel is left alone after
    /// two seconds, and the connection with it.
    void cancel() noexcept;

    int server_version() const;  ///< 150006
    int server_major() const { return server_version() / 10000; }
    int backend_pid() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::postgres
