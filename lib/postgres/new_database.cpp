// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/new_database.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace {

std::string create_statement(const std::string& name, const DatabaseShape& shape,
                             int server_major) {
    auto sql = fmt::format("CREATE DATABASE {} TEMPLATE template0 OWNER {}", sql_name(name),
                           sql_name(shape.owner));
    const auto& ctype = shape.ctype.empty() ? shape.collation : shape.ctype;
    if (!shape.encoding.empty()) sql += " ENCODING " + sql_text(shape.encoding);
    if (shape.collation.empty()) return sql;
    // A cluster's default may be another provider, for which these names mean nothing.
    if (server_major >= 15) sql += " LOCALE_PROVIDER libc";
    return sql + " LC_COLLATE " + sql_text(shape.collation) + " LC_CTYPE " + sql_text(ctype);
}

}  // namespace

NewDatabase::NewDatabase(const Settings& settings, std::string name, const DatabaseShape& shape)
    : settings_(settings), name_(std::move(name)) {
    Connection connection(settings_);
    connection.query(create_statement(name_, shape, connection.server_major()));
}

NewDatabase::~NewDatabase() {
    if (kept_) return;
    try {
        Connection connection(settings_);
        connection.query(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", sql_name(name_)));
    } catch (const Error&) {
        // The failure that brought us here counts; the database's name says what it is.
    }
}

Settings NewDatabase::settings() const {
    auto settings = settings_;
    settings.database = name_;
    return settings;
}

void NewDatabase::put_in_place(const std::string& target, const std::string& aside) {
    Connection connection(settings_);
    constexpr auto rename = "ALTER DATABASE {} RENAME TO {}";
    connection.query("BEGIN");
    if (database_exists(connection, target))
        connection.query(fmt::format(rename, sql_name(target), sql_name(aside)));
    connection.query(fmt::format(rename, sql_name(name_), sql_name(target)));
    connection.query("COMMIT");
    kept_ = true;
}

bool database_exists(Connection& connection, const std::string& name) {
    return !connection.query("SELECT FROM pg_catalog.pg_database WHERE datname = $1", {name})
                .empty();
}

std::vector<std::string> clients_of(Connection& connection, const std::string& database) {
    std::vector<std::string> clients;
    for (const auto& row :
         connection.query("SELECT coalesce(nullif(application_name, ''), 'a client'), pid, usename "
                          "FROM pg_catalog.pg_stat_activity WHERE datname = $1 AND "
                          "coalesce(backend_type, 'client backend') = 'client backend' "
                          "AND pid <> pg_backend_pid() ORDER BY pid",
                          {database}))
        clients.push_back(fmt::format("{} (pid {}, user {})", row[0].value_or(""),
                                      row[1].value_or("?"), row[2].value_or("?")));
    return clients;
}

}  // namespace mastobak::postgres
