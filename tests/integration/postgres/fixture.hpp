// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/error.hpp"
#include "postgres/connection.hpp"
#include "support/postgres_server.hpp"

namespace mastobak::test {

/// Returns the settings for a database of the shared server, as the superuser.
inline postgres::Settings settings_of(const std::string& database) {
    return {.host = PostgresServer::shared().socket_directory(),
            .database = database,
            .user = "postgres"};
}

/// A session like that of another client, which can name tables of `public` without the schema.
class Client : public postgres::Connection {
 public:
    explicit Client(const postgres::Settings& settings) : Connection(settings) {
        query("SET search_path = public");
    }
};

/// Returns the Error that a function throws; an error without a text if it throws none.
template <typename Work>
Error error_of(Work work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    return Error(Errc::internal, "");
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace mastobak::test
