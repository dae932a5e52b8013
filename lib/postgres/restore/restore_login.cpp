// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/restore_login.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "core/crypto/encoding.hpp"
#include "core/error.hpp"
#include "core/process/accounts.hpp"
#include "postgres/names.hpp"
#include "postgres/restore/new_database.hpp"

namespace mastobak::postgres {
namespace {

constexpr auto prefix = "mastobak_restoring_";

bool is_socket(const std::string& host) {
    return host.empty() || host.starts_with('/');
}

}  // namespace

RestoreLogin::RestoreLogin(const Settings& admin, const RestoreOptions& options,
                           const std::string& owner, const std::string& time,
                           const std::stop_token& stop)
    : admin_(admin), owner_(owner), owner_now_(owner) {
    if (options.login) {
        settings_ = *options.login;
        given_ = true;
        return;
    }
    Connection connection(admin_, stop);
    const auto rights = connection.query(
        "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user");
    superuser_ = rights.at(0)[0] == "t";
    if (!superuser_ && rights.at(0)[1] != "t") return;
    name_ = fmt::format("{}{}_{}", prefix, time, random_hex(4));
    password_ = random_hex(24);
    holder_.emplace(admin_, stop);
    take_lock(*holder_, name_);
    // In a transaction, so that no role stays if it cannot be completed.
    connection.query("BEGIN");
    // Messages show only the first line of a statement, so the password goes into the second one.
    connection.query(fmt::format("CREATE ROLE {} LOGIN\nPASSWORD {}", sql_name(name_),
                                 sql_text(connection.encrypted(password_, name_))));
    // is_of_rights() parses English error messages.
    if (superuser_)
        connection.query(fmt::format("ALTER ROLE {} SET lc_messages = 'C'", sql_name(name_)));
    else
        connection.query(fmt::format("GRANT {} TO CURRENT_USER", sql_name(name_)));
    connection.query("COMMIT");
    owner_now_ = name_;
}

RestoreLogin::~RestoreLogin() {
    if (name_.empty()) return;
    try {
        Connection(admin_).query("DROP ROLE IF EXISTS " + sql_name(name_));
    } catch (const Error&) {
        // The failure of the restore itself is reported instead. The next restore drops the role.
    }
}

bool RestoreLogin::try_way(const Settings& way, const std::stop_token& stop) {
    try {
        Connection connection(way, stop);
        // The server at this address may be a different one than that of the admin.
        const auto known =
            Connection(admin_, stop)
                .query(
                    "SELECT FROM pg_stat_activity WHERE pid = $1::int AND "
                    "usename = $2 AND datname = $3",
                    {std::to_string(connection.backend_pid()), way.user, way.database});
        if (!known.empty()) {
            settings_ = way;
            return true;
        }
        why_not_ = fmt::format("{} is another server", way.to_string());
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        why_not_ = error.text();
    }
    return false;
}

void RestoreLogin::find_way(const std::string& database, const std::stop_token& stop) {
    if (given_) {
        settings_.database = database;
        return;
    }
    auto way = admin_;
    way.database = database;
    if (name_.empty()) {
        settings_ = way;  // the admin's role is not a superuser
        return;
    }
    way.user = name_;
    way.password = password_;
    way.passfile.clear();
    if (try_way(way, stop)) return;
    // pg_hba.conf often has peer authentication for sockets, but passwords for TCP.
    if (is_socket(admin_.host))
        for (const auto* host : {"127.0.0.1", "::1"}) {
            way.host = host;
            if (try_way(way, stop)) return;
        }
    const auto refused = why_not_;
    // With peer authentication, root can log in as the owner if a system user has that name.
    if (superuser_ && ::geteuid() == 0 && account_named(owner_)) {
        way = admin_;
        way.database = database;
        way.user = way.system_user = owner_;
        Connection connection(admin_, stop);
        const auto plain =
            connection.query("SELECT FROM pg_roles WHERE rolname = $1 AND NOT rolsuper", {owner_});
        if (!plain.empty()) {
            connection.query(
                fmt::format("ALTER DATABASE {} OWNER TO {}", sql_name(database), sql_name(owner_)));
            if (try_way(way, stop)) return;
        }
    }
    throw Error(Errc::database,
                fmt::format("no role without superuser rights can log in to restore: {}", refused),
                "let it in while you restore: a line 'host all all 127.0.0.1/32 scram-sha-256' in "
                "pg_hba.conf, then reload PostgreSQL; or name a role with --database-url");
}

std::string RestoreLogin::role() const {
    return settings_.user == owner_ || settings_.user == name_ ? "" : owner_;
}

void RestoreLogin::hand_over(Connection& database) const {
    if (name_.empty()) return;
    database.query(fmt::format("REASSIGN OWNED BY {} TO {}", sql_name(name_), sql_name(owner_)));
    // Drops default privileges and the like, which would prevent DROP ROLE.
    database.query(fmt::format("DROP OWNED BY {}", sql_name(name_)));
}

void RestoreLogin::drop_abandoned(Connection& admin) {
    for (const auto& row :
         admin.query("SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)", {prefix})) {
        const auto name = row[0].value_or("");
        if (!take_lock(admin, name)) continue;
        try {
            admin.query(fmt::format("ALTER ROLE {} NOLOGIN", sql_name(name)));
            admin.query(fmt::format("DROP ROLE {}", sql_name(name)));
        } catch (const Error&) {
            // It owns a database of a restore into another target. Both are dropped later.
        }
    }
}

}  // namespace mastobak::postgres
