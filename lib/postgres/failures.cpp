// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/failures.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mastobak::postgres {
namespace {

bool mentions(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

struct ServerMessage {
    std::string_view sqlstate;
    std::string_view text;
};

/// Finds "…:  28P01: the text" in libpq's message. The severity before it may be in any language.
ServerMessage parse(std::string_view message) {
    for (auto at = message.find(":  "); at != std::string_view::npos;
         at = message.find(":  ", at + 1)) {
        const auto rest = message.substr(at + 3);
        const bool code = rest.size() > 7 && rest.substr(5, 2) == ": " &&
                          std::all_of(rest.begin(), rest.begin() + 5, [](char c) {
                              return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                          });
        if (code) return {rest.substr(0, 5), rest.substr(7, rest.find('\n', 7) - 7)};
    }
    return {};
}

std::string hint_of_state(const ServerMessage& server, const Settings& settings) {
    if (server.sqlstate == "28P01")
        return "the password is wrong: check DB_PASS in .env.production, or database.passfile";
    if (server.sqlstate == "28000" && mentions(server.text, "pg_hba.conf"))
        return fmt::format("add a line for role '{}' to pg_hba.conf and reload PostgreSQL",
                           settings.user);
    if (server.sqlstate == "28000")
        return fmt::format(
            "does the role '{}' exist, and may this system user log in as it (peer in "
            "pg_hba.conf)? 'mastobak setup' creates a suitable role",
            settings.user);
    if (server.sqlstate == "3D000")
        return "there is no such database: check DB_NAME in .env.production, or database.name";
    if (server.sqlstate == "42501")
        return fmt::format("GRANT CONNECT ON DATABASE \"{}\" TO \"{}\"", settings.database,
                           settings.user);
    if (server.sqlstate == "53300") return "all connections are taken: raise max_connections";
    if (server.sqlstate == "57P03") return "PostgreSQL is starting, stopping or recovering";
    return {};
}

/// Returns hints for failures before the server was reached. Their messages are libpq's own, in
/// English.
std::string hint_of_text(const Settings& settings, std::string_view message) {
    if (mentions(message, "No such file") || mentions(message, "Connection refused"))
        return "is PostgreSQL running there? 'pg_lsclusters' shows what runs, and its port";
    if (mentions(message, "Permission denied"))
        return "this user may not open the socket: check its directory's mode";
    if (mentions(message, "fe_sendauth") || mentions(message, "no password supplied"))
        return fmt::format(
            "it asks for a password for role '{}': write it to a file, and name that in "
            "database.passfile, and the server in database.host (DB_PASS of .env.production counts "
            "only for Mastodon's own role, and its passfile does not count)",
            settings.user);
    if (mentions(message, "could not translate host name"))
        return "check DB_HOST in .env.production, or database.host";
    if (mentions(message, "timeout") || mentions(message, "timed out") ||
        mentions(message, "No route to host"))
        return "check DB_HOST, DB_PORT and the firewall between";
    return {};
}

/// Appends a hint if the port is PgBouncer's usual one, as PgBouncer may refuse a client itself,
/// with any SQLSTATE.
std::string with_port_hint(std::string hint, const Settings& settings) {
    constexpr std::uint16_t pgbouncer = 6432;
    if (settings.port != pgbouncer) return hint;
    if (!hint.empty()) hint += "; ";
    return hint + "port 6432 is PgBouncer's: set database.port to PostgreSQL's own, often 5432";
}

/// Returns whether an error persists until a person changes a password, pg_hba.conf, a grant or the
/// configuration, or repairs damaged files. Source: PostgreSQL's documentation, appendix A.
bool lasts(std::string_view sqlstate) {
    return sqlstate.starts_with("28") || sqlstate == "3D000" || sqlstate == "42501" ||
           sqlstate == "XX001" || sqlstate == "XX002";
}

Error marked(Error error, bool needs_person) {
    return needs_person ? error.for_person() : error;
}

std::string first_line(std::string_view text) {
    return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

Error connect_error(const Settings& settings, std::string_view message) {
    const auto server = parse(message);
    const auto doing = fmt::format("connect to {}", settings.to_string());
    if (!server.sqlstate.empty())
        return marked(Error(Errc::database, fmt::format("{}: {}", doing, server.text),
                            with_port_hint(hint_of_state(server, settings), settings)),
                      lasts(server.sqlstate));
    return Error(Errc::database, fmt::format("{}: {}", doing, first_line(message)),
                 with_port_hint(hint_of_text(settings, message), settings));
}

Error pooler_error(const Settings& settings, std::string_view server_port) {
    return Error(
               Errc::database,
               fmt::format(
                   "{} is behind a pooler (PgBouncer), through which pg_dump breaks and disturbs "
                   "other clients",
                   settings.to_string()),
               fmt::format(
                   "set database.port to PostgreSQL's own port, {}, and database.host to where it "
                   "is (its socket directory, if on this host)",
                   server_port))
        .for_person();
}

Error dump_error(const Settings& settings, std::string_view why) {
    const auto hint = [&]() -> std::string {
        if (mentions(why, "permission denied"))
            return fmt::format(
                "'mastobak setup' creates a role that may read all; or: GRANT "
                "pg_read_all_data TO \"{}\"",
                settings.user);
        if (mentions(why, "signal 9"))
            return "the host may have run out of memory: see the kernel's log ('journalctl -k')";
        if (mentions(why, "closed the connection") || mentions(why, "terminating connection") ||
            mentions(why, "SSL connection"))
            return "PostgreSQL was stopped, or a process of it died: see its log";
        if (mentions(why, "invalid page") || mentions(why, "could not read block"))
            return "PostgreSQL's own files are damaged: check its log, and run amcheck, before "
                   "anything else";
        return "see PostgreSQL's log; does 'pg_dump' work by hand, as the same role?";
    }();
    return marked(
        Error(Errc::database, fmt::format("pg_dump of {}: {}", settings.to_string(), why), hint),
        mentions(why, "permission denied") || mentions(why, "invalid page"));
}

Error restore_error(const Settings& settings, std::string_view why) {
    const auto hint = [&]() -> std::string {
        if (mentions(why, "transaction_timeout"))
            return "pg_restore is newer than the server: use the one of the server's own version";
        if (mentions(why, " EXTENSION "))
            return "is the extension installed for this server (package postgresql-contrib or its "
                   "own), and may this role create it? only a superuser may create most extensions";
        if (mentions(why, "INDEX") || mentions(why, "CONSTRAINT") ||
            mentions(why, "could not create unique index"))
            return "the database that was dumped was damaged itself, often by a change of the "
                   "collation: try an older set, or restore by RESTORE.md without --exit-on-error";
        if (mentions(why, "No space left")) return "the disk of PostgreSQL is full";
        if (mentions(why, "signal 9"))
            return "the host may have run out of memory: see the kernel's log ('journalctl -k')";
        return "see PostgreSQL's log";
    }();
    return Error(Errc::database, fmt::format("pg_restore into {}: {}", settings.to_string(), why),
                 hint);
}

Error statement_error(std::string_view doing, std::string_view sqlstate, std::string_view message) {
    std::string hint;
    if (sqlstate == "42501")
        hint = "GRANT pg_read_all_data TO that role, or use Mastodon's own role";
    if (sqlstate == "55P03") hint = "another session holds a lock; see pg_stat_activity";
    if (sqlstate.starts_with("57P") || sqlstate.empty())
        hint = "PostgreSQL ended the connection: see its log";
    if (sqlstate == "55006")
        hint =
            "another session is connected to it: stop Mastodon, PgBouncer and consoles; see "
            "pg_stat_activity";
    // CREATE DATABASE fails so if the C library of the server's host lacks the locale.
    if (sqlstate == "42809")
        hint =
            "is the locale installed there ('locale -a')? 'dpkg-reconfigure locales', then "
            "restart PostgreSQL";
    if (sqlstate == "53100") hint = "the disk of PostgreSQL is full";
    if (sqlstate == "XX001" || sqlstate == "XX002")
        hint =
            "PostgreSQL's own files are damaged: check its log, and run amcheck, before anything "
            "else";
    return marked(
        Error(Errc::database, fmt::format("{}: {}", doing, first_line(message)), std::move(hint)),
        lasts(sqlstate));
}

}  // namespace mastobak::postgres
