// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/database/look_at_database.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "backup/database/database_settings.hpp"
#include "backup/database/dump_tools.hpp"
#include "core/error.hpp"
#include "mastodon/database_settings.hpp"
#include "mastodon/instance.hpp"
#include "postgres/inspect.hpp"
#include "postgres/rows.hpp"

namespace mastobak::backup {
namespace {

constexpr std::chrono::seconds patience_with_mastodons{5};
/// The queries of preflight read only the catalogs, so they return quickly.
constexpr std::chrono::seconds longest_question{60};

/// Returns whether the server is on this host, over a socket or TCP.
bool is_local(const postgres::Settings& settings) {
    return settings.by_socket() || settings.host == "localhost" || settings.host == "127.0.0.1" ||
           settings.host == "::1";
}

/// Returns an identity that differs between any two clusters; a standby has that of its primary.
/// Source: PostgreSQL's documentation, pg_control_system()
std::string identity(postgres::Connection& connection) {
    return connection.value(
        "SELECT system_identifier || ' ' || current_database() "
        "FROM pg_catalog.pg_control_system()");
}

/// Warns when `database:` in the configuration leads to another server than Mastodon's own
/// settings, for example to the old server after a move.
void compare_servers(const postgres::Settings& ours, postgres::Settings mastodons,
                     postgres::Connection& connection, std::vector<std::string>& warnings,
                     const std::stop_token& stop) {
    if (ours.host == mastodons.host && ours.port == mastodons.port &&
        ours.database == mastodons.database)
        return;
    mastodons.connect_timeout = patience_with_mastodons;
    std::string theirs;
    try {
        // The usual reason for an override is PgBouncer.
        postgres::Connection other(mastodons, stop, postgres::Pooler::allowed);
        const std::stop_callback cancel(stop, [&other] { other.cancel(); });
        theirs = identity(other);
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        // On the same host and port, both settings lead to the same server, and only the password
        // can be the problem.
        const bool same = is_local(ours) && is_local(mastodons) && ours.port == mastodons.port &&
                          ours.database == mastodons.database;
        if (!same)
            warnings.push_back(
                fmt::format("whether {} is Mastodon's own ({}) could not be checked: {}, ignoring",
                            ours.to_string(), mastodons.to_string(), error.text()));
        return;
    }
    if (theirs == identity(connection)) return;
    throw Error(Errc::database,
                fmt::format("{} is not what Mastodon uses, {}: they are different databases",
                            ours.to_string(), mastodons.to_string()),
                "correct database.host, database.port and database.name in the configuration of "
                "mastobak; without them, Mastodon's own are used")
        .for_person();
}

/// Returns the role in Mastodon's settings; empty when it is not known.
std::string role_of_mastodon(mastodon::Instance instance) {
    instance.unknowns.clear();
    return mastodon::database_settings(instance.environment, instance.unknowns).user;
}

}  // namespace

postgres::DumpOptions dump_options(const config::Config& config) {
    postgres::DumpOptions options;
    options.lock_timeout = config.database.lock_timeout;
    options.compression_level = config.database.compression_level;
    return options;
}

void look_at_database(const config::Config& config, const std::optional<ComposeFacts>& compose,
                      Plan& plan, const std::stop_token& stop) {
    plan.database = database_settings(config, plan.instance);
    check_destination(config, plan.database);
    check_files_of(plan.database, stop);
    auto asked = plan.database;
    asked.statement_timeout = longest_question;
    postgres::Connection connection(asked, stop);
    const std::stop_callback cancel(stop, [&connection] { connection.cancel(); });
    plan.facts = postgres::inspect(connection);
    for (auto& note : plan.facts.notes) plan.notes.push_back(note);
    plan.recorded = postgres::record(connection, role_of_mastodon(plan.instance));
    check_secrets(config, plan.instance, plan.facts,
                  postgres::has_value(connection, "users", "encrypted_otp_secret"));
    // With unknown settings of Mastodon there is nothing to compare: `database:` replaces them.
    if (plan.instance.unknowns.empty())
        compare_servers(plan.database, mastodons_settings(plan.instance), connection, plan.warnings,
                        stop);
    plan.tools = dump_tools(config, compose, plan.database, connection, stop,
                            config.instance.containers_socket());
    if (!plan.tools.place.empty())
        for (auto& obstacle :
             restore_obstacles(config, plan.tools, config.instance.containers_socket(), stop))
            plan.warnings.push_back(std::move(obstacle));
    try_tools(plan.database, plan.tools, dump_options(config), stop);
}

}  // namespace mastobak::backup
