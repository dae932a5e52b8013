// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "postgres/connection.hpp"

namespace mastobak::postgres {

std::string Settings::to_string() const {
    const auto where = host.empty() ? "the local socket" : host;
    return fmt::format("database '{}' at '{}:{}' as '{}'", database, where, port, user);
}

std::map<std::string, std::string> Settings::environment() const {
    std::map<std::string, std::string> result{
        {"PGPORT", std::to_string(port)},
        {"PGDATABASE", database},
        {"PGUSER", user},
        {"PGCONNECT_TIMEOUT", std::to_string(connect_timeout.count())},
        {"PGOPTIONS", session_options()},
    };
    const auto set = [&result](const char* name, const std::string& value) {
        if (!value.empty()) result.emplace(name, value);
    };
    set("PGHOST", host);
    set("PGPASSWORD", password);
    set("PGPASSFILE", passfile.native());
    set("PGSSLMODE", ssl_mode);
    return result;
}

std::string Settings::session_options() const {
    return fmt::format(
        "-c search_path=pg_catalog -c statement_timeout={} -c lock_timeout=0 "
        "-c idle_in_transaction_session_timeout=0 -c row_security=off "
        "-c default_transaction_read_only=off -c standard_conforming_strings=on "
        // The planner would compute the check constraints of a table.
        "-c constraint_exclusion=off",
        statement_timeout.count());
}

}  // namespace mastobak::postgres
