// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/failures.hpp"

#include "support/catch.hpp"

using namespace mastobak;

namespace {

const postgres::Settings settings{
    .host = "/run/x", .port = 5433, .database = "m", .user = "u", .password = "secret"};

Error error(std::string_view message) {
    return postgres::connect_error(settings, message);
}

bool hints(const Error& e, std::string_view word) {
    return e.hint().find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("a refusal is understood in any language, by its SQLSTATE") {
    const auto e = error(
        "connection to server on socket \"/run/x/.s.PGSQL.5433\" failed: KATASTROPHAL:  28P01: "
        "Passwort-Authentifizierung für Benutzer »u« fehlgeschlagen\nORT:  auth_failed, "
        "auth.c:335");
    CHECK(e.code() == Errc::database);
    CHECK(e.text() ==
          "connect to database 'm' at '/run/x:5433' as 'u': Passwort-Authentifizierung für "
          "Benutzer »u« fehlgeschlagen");
    CHECK(hints(e, "DB_PASS"));
}

TEST_CASE("each usual cause has a hint of its own") {
    const std::string prefix = "connection to server at \"h\", port 5433 failed: FATAL:  ";
    CHECK(hints(error(prefix + "28000: no pg_hba.conf entry for host\nLOCATION: x"), "add a line"));
    CHECK(hints(error(prefix + "28000: role \"u\" does not exist\n"), "mastobak setup"));
    CHECK(hints(error(prefix + "3D000: database \"m\" does not exist\n"), "DB_NAME"));
    CHECK(hints(error(prefix + "53300: sorry, too many clients already\n"), "max_connections"));
    CHECK(hints(error("connection to server on socket failed: No such file or directory\n\tIs…"),
                "running"));
    CHECK(hints(error("connection failed: fe_sendauth: no password supplied\n"), "DB_PASS"));
    CHECK(hints(error("could not translate host name \"h\" to address: x\n"), "DB_HOST"));
}

TEST_CASE("what lasts until a person changes something is told from what passes") {
    const std::string prefix = "connection to server at \"h\", port 5433 failed: FATAL:  ";
    for (const auto* lasting : {"28P01: wrong password", "28000: no entry", "3D000: no database",
                                "42501: permission denied for database"})
        CHECK(error(prefix + lasting).needs_person());
    for (const auto* passing : {"53300: too many clients", "57P03: starting up"})
        CHECK_FALSE(error(prefix + passing).needs_person());
    CHECK_FALSE(error("connection failed: Connection refused").needs_person());
    CHECK(postgres::statement_error("x", "42501", "permission denied").needs_person());
    CHECK_FALSE(postgres::statement_error("x", "55P03", "lock").needs_person());
    CHECK(postgres::dump_error(settings, "permission denied for table x").needs_person());
    CHECK(hinted(postgres::dump_error(settings, "invalid page in block 1")).needs_person());
    CHECK_FALSE(postgres::dump_error(settings, "server closed the connection").needs_person());
}

TEST_CASE("a refusal at PgBouncer's port gets a hint to the port as well") {
    auto pooled = settings;
    pooled.port = 6432;
    const auto e = postgres::connect_error(pooled, "x: FATAL:  3D000: no such database: m");
    CHECK(hints(e, "DB_NAME"));
    CHECK(hints(e, "PgBouncer"));
}

TEST_CASE("a dump that fails says what to do about it") {
    using postgres::dump_error;
    CHECK(hints(dump_error(settings, "query failed: ERROR:  permission denied for table x"),
                "mastobak setup"));
    CHECK(hints(dump_error(settings, "server closed the connection unexpectedly"), "log"));
    CHECK(hints(dump_error(settings, "killed by signal 9"), "memory"));
    CHECK(hints(dump_error(settings, "exit status 1"), "by hand"));
}

TEST_CASE("no error tells the password") {
    CHECK(std::string(error("whatever").what()).find("secret") == std::string::npos);
    CHECK(settings.to_string().find("secret") == std::string::npos);
}

TEST_CASE("children get the settings by environment, and all parameters that our connection has") {
    auto secured = settings;
    secured.parameters = {{"sslmode", "verify-full"},
                          {"sslrootcert", "/etc/ca.crt"},
                          {"sslkey", "/etc/key"},
                          {"options", "-c geqo=off"},
                          {"keepalives", "1"}};
    auto environment = secured.environment();
    CHECK(environment.at("PGOPTIONS").starts_with("-c geqo=off -c search_path=pg_catalog "));
    environment.erase("PGOPTIONS");
    CHECK(environment == std::map<std::string, std::string>{{"PGCONNECT_TIMEOUT", "10"},
                                                            {"PGDATABASE", "m"},
                                                            {"PGHOST", "/run/x"},
                                                            {"PGPASSWORD", "secret"},
                                                            {"PGPORT", "5433"},
                                                            {"PGSSLKEY", "/etc/key"},
                                                            {"PGSSLMODE", "verify-full"},
                                                            {"PGSSLROOTCERT", "/etc/ca.crt"},
                                                            {"PGUSER", "u"}});
}
