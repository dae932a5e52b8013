// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/role.hpp"

#include <fmt/format.h>

#include "postgres/names.hpp"

namespace mastobak::postgres {

bool make_role(const Settings& settings, const std::string& name, const std::string& password,
               std::stop_token stop) {
    Connection connection(settings, std::move(stop));
    if (!connection.query("SELECT FROM pg_catalog.pg_roles WHERE rolname = $1", {name}).empty())
        return false;
    auto sql = fmt::format("CREATE ROLE {} LOGIN", sql_name(name));
    // Messages show the first line of a statement.
    if (!password.empty()) sql += "\nPASSWORD " + sql_text(connection.encrypted(password, name));
    connection.query(sql);
    return true;
}

}  // namespace mastobak::postgres
