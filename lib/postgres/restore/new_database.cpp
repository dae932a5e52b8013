// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/new_database.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "postgres/names.hpp"
#include "postgres/restore/restore_login.hpp"

namespace mastobak::postgres {
namespace {

/// Source: PostgreSQL's documentation, CREATE DATABASE
std::string provider_clause(const DumpedDatabase& shape) {
    if (shape.locale_provider == "icu")
        return " LOCALE_PROVIDER icu ICU_LOCALE " + sql_text(shape.locale);
    if (shape.locale_provider == "builtin")
        return " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + sql_text(shape.locale);
    return " LOCALE_PROVIDER libc";
}

std::string create_statement(const std::string& name, const std::string& owner,
                             const DumpedDatabase& shape, int server_major) {
    auto sql = fmt::format("CREATE DATABASE {} TEMPLATE template0 OWNER {}", sql_name(name),
                           sql_name(owner));
    const auto& ctype = shape.ctype.empty() ? shape.collation : shape.ctype;
    if (!shape.encoding.empty()) sql += " ENCODING " + sql_text(shape.encoding);
    if (shape.collation.empty()) return sql;
    // The default provider of the cluster may be another one, which does not know these names.
    if (server_major >= 15) sql += provider_clause(shape);
    return sql + " LC_COLLATE " + sql_text(shape.collation) + " LC_CTYPE " + sql_text(ctype);
}

constexpr auto rename = "ALTER DATABASE {} RENAME TO {}";
constexpr std::string_view unfinished = "restoring_";

void drop(Connection& connection, const std::string& name) {
    connection.query(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", sql_name(name)));
}

std::string unfinished_name(const std::string& target, const std::string& time) {
    return suffixed(target, std::string(unfinished) + time);
}

/// Returns `time`, or the first later second for which no database exists. A restore that was
/// killed may have left one in this second.
std::string first_free(Connection& connection, const std::string& target, std::string time) {
    while (database_exists(connection, unfinished_name(target, time)))
        time = to_set_name(parse_set_name(time).value() + std::chrono::seconds(1));
    return time;
}

/// Returns the names of the temporary databases of restores into a target.
std::vector<std::string> unfinished_databases(Connection& connection, const std::string& target) {
    const auto now = to_set_name(std::chrono::system_clock::now());
    auto prefix = unfinished_name(target, now);
    prefix.resize(prefix.size() - now.size());
    std::vector<std::string> names;
    for (const auto& row : connection.query("SELECT datname FROM pg_catalog.pg_database")) {
        auto name = row[0].value_or("");
        if (name.starts_with(prefix) && parse_set_name(name.substr(prefix.size())))
            names.push_back(std::move(name));
    }
    return names;
}

}  // namespace

bool take_lock(Connection& connection, const std::string& name) {
    constexpr auto sql = "SELECT pg_try_advisory_lock(hashtextextended('mastobak ' || $1, 0))";
    return connection.value(sql, {name}) == "t";
}

NewDatabase::NewDatabase(const Settings& settings, const std::string& target,
                         const std::string& time, const std::string& owner,
                         const DumpedDatabase& dumped)
    : settings_(settings),
      holder_(settings_),
      target_(target),
      time_(first_free(holder_, target, time)),
      name_(unfinished_name(target, time_)) {
    take_lock(holder_, name_);
    Connection connection(settings_);
    connection.query(create_statement(name_, owner, dumped, connection.server_major()));
}

NewDatabase::NewDatabase(const Settings& settings, const std::string& target)
    : settings_(settings), holder_(settings_), target_(target), name_(target) {
    given_.emplace(this->settings());
}

NewDatabase::~NewDatabase() {
    if (kept_) return;
    if (given_) {
        given_->restore();
        return;
    }
    try {
        Connection connection(settings_);
        drop(connection, name_);
    } catch (const Error&) {
        // The failure of the restore itself is reported instead. The next restore drops the
        // database.
    }
}

Settings NewDatabase::settings() const {
    auto settings = settings_;
    settings.database = name_;
    return settings;
}

std::string NewDatabase::keep() noexcept {
    kept_ = true;
    if (given_) return name_;
    try {
        auto name = suffixed(target_, "restored_" + time_);
        Connection connection(settings_);
        connection.query(fmt::format(rename, sql_name(name_), sql_name(name)));
        return name;
    } catch (const Error&) {
        return name_;
    }
}

void NewDatabase::put_in_place(const std::string& aside) {
    if (given_) {
        kept_ = true;
        return;
    }
    Connection connection(settings_);
    connection.query("BEGIN");
    if (database_exists(connection, target_))
        connection.query(fmt::format(rename, sql_name(target_), sql_name(aside)));
    connection.query(fmt::format(rename, sql_name(name_), sql_name(target_)));
    connection.query("COMMIT");
    kept_ = true;
}

void drop_abandoned(const Settings& settings, const std::string& target, std::stop_token stop) {
    Connection connection(settings, std::move(stop));
    for (const auto& name : unfinished_databases(connection, target)) {
        if (!take_lock(connection, name)) continue;
        try {
            drop(connection, name);
        } catch (const Error&) {
            // For example, another role owns it. It only takes disk space.
        }
    }
    RestoreLogin::drop_abandoned(connection);
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
