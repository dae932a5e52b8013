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

#include "postgres/settings.hpp"

namespace mastobak::postgres {

/// A row of a result; NULL is nullopt.
using Row = std::vector<std::optional<std::string>>;

enum class Pooler { refused, allowed };

/// One connection; blocks, so use it on the pool. Not for two threads at once.
class Connection {
 public:
    /// Throws Error{database} with a hint for the usual causes (not running, wrong role, no
    /// pg_hba.conf line, PgBouncer in between: names the direct port).
    /// \param stop gives up while it connects. Throws Error{cancelled} then.
    /// \param pooler whether PgBouncer may be what answers: for a question that any server answers
    explicit Connection(const Settings& settings, std::stop_token stop = {},
                        Pooler pooler = Pooler::refused);
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
