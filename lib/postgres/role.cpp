// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/role.hpp"

#include <fmt/format.h>

#include "postgres/names.hpp"

namespace mastobak::postgres {

RoleMade make_role(const Settings& settings, const std::string& name, const std::string& password,
                   std::stop_token stop) {
    Connection connection(settings, std::move(stop));
    if (!connection.query("SELECT FROM pg_catalog.pg_roles WHERE rolname = $1", {name}).empty())
        return RoleMade::was_there;
    const auto rights = connection.query(
        "SELECT rolsuper, rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user");
    const bool superuser = rights.at(0)[0] == "t";
    if (!superuser && rights.at(0)[1] != "t") return RoleMade::not_allowed;
    auto sql = fmt::format("CREATE ROLE {} LOGIN", sql_name(name));
    // Messages show only the first line of a statement, so the password goes into the second one.
    if (!password.empty()) sql += "\nPASSWORD " + sql_text(connection.encrypted(password, name));
    connection.query(sql);
    if (!superuser) connection.query(fmt::format("GRANT {} TO CURRENT_USER", sql_name(name)));
    return RoleMade::made;
}

}  // namespace mastobak::postgres
