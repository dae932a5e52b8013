// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/process/process.hpp"
#include "dumped.hpp"
#include "integration/postgres/fixture.hpp"
#include "postgres/role.hpp"
#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/offsite_servers.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

const std::string nobody_uses = "restored over the network";

struct Authority {
    Certificates made = certificates_for_localhost();
    TemporaryDirectory directory;
    Authority() {
        write(directory / "root.crt", made.root);
        write(directory / "other.crt", certificates_for_localhost().root);
    }
};

const Authority& authority() {
    static const Authority one;
    return one;
}

/// A server like a hosting provider's: clients connect only by TCP, with TLS and passwords, and do
/// not have the superuser.
const PostgresServer& managed() {
    static const PostgresServer server(
        {"listen_addresses=localhost", fmt::format("port={}", free_port()), "ssl=on"},
        {{"server.key", authority().made.key}, {"server.crt", authority().made.certificate}});
    static const bool shut = [] {
        server.set_hba("hostssl all all localhost scram-sha-256\n");
        return true;
    }();
    (void)shut;
    return server;
}

const Dumped& original() {
    static const Dumped dumped("dumped for a server elsewhere");
    return dumped;
}

struct Managed {
    Managed() {
        settings.passfile = directory / "pass";
        settings.parameters = {{"sslmode", "verify-full"},
                               {"sslrootcert", authority().directory / "root.crt"}};
        server.psql("postgres", "DROP DATABASE IF EXISTS \"" + nobody_uses + "\"");
        drop_roles();
    }
    ~Managed() {
        server.psql("postgres", "DROP DATABASE IF EXISTS \"" + nobody_uses + "\"");
        drop_roles();
    }
    Managed(const Managed&) = delete;
    Managed& operator=(const Managed&) = delete;

    void drop_roles() const {
        for (const auto* role : {"customer", "masto don"})
            server.psql("postgres", fmt::format("DROP ROLE IF EXISTS \"{}\"", role));
    }
    void connect_as(const std::string& attributes) {
        server.psql("postgres", "CREATE ROLE customer LOGIN PASSWORD 'se:cret' " + attributes);
        write(settings.passfile, "localhost:*:*:customer:se\\:cret\n");
        fs::permissions(settings.passfile, fs::perms::owner_read);
    }
    postgres::RestoredDatabase restored() {
        options.owner = postgres::owner_to_be(settings, facts, {});
        return postgres::restore_database(settings, facts, options, {}, {});
    }
    std::string value(const std::string& sql) const { return server.psql(nobody_uses, sql); }
    std::string owners() const {
        return value(
                   "SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables "
                   "WHERE schemaname = 'public'") +
               " " +
               value(
                   "SELECT pg_get_userbyid(datdba) FROM pg_database "
                   "WHERE datname = current_database()");
    }

    const PostgresServer& server = managed();
    TemporaryDirectory directory;
    postgres::DumpedDatabase facts = original().facts();
    postgres::Settings settings{
        .host = "localhost", .port = server.port(), .database = "postgres", .user = "customer"};
    postgres::RestoreOptions options{.dump = original().file(), .database = nobody_uses};
};

}  // namespace

TEST_CASE_METHOD(Managed, "a server elsewhere is restored into by a role that may make databases") {
    connect_as("CREATEDB");
    const auto made = restored();
    CHECK(made.rows >= 3334);
    CHECK(owners() == "customer customer");
    CHECK(made.warnings ==
          std::vector<std::string>{
              "the database belonged to role 'masto don', and belongs to 'customer' now"});
    // Only a superuser may create this extension, because it is not trusted.
    std::string left_out;
    for (const auto& one : made.left_out) left_out += one.statement;
    CHECK(contains(left_out, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"));
    CHECK(postgres::make_role(settings, "masto don", "", {}) == postgres::RoleMade::not_allowed);
    CHECK(server.psql("postgres", "SELECT count(*) FROM pg_roles WHERE rolname ~ 'mastobak|don'") ==
          "0");
    // Restores again, and replaces the database.
    options.replace = true;
    const auto again = restored();
    REQUIRE(again.renamed.starts_with("restored over the network_before_"));
    server.psql("postgres", "DROP DATABASE \"" + again.renamed + "\"");
}

TEST_CASE_METHOD(Managed, "a role that may make roles, too, makes Mastodon's") {
    connect_as("CREATEDB CREATEROLE");
    CHECK(postgres::owner_to_be(settings, facts, {}) == "masto don");
    CHECK(postgres::make_role(settings, "masto don", "pass", {}) == postgres::RoleMade::made);
    restored();
    CHECK(owners() == "masto don masto don");
    CHECK(server.psql("postgres", "SELECT count(*) FROM pg_roles WHERE rolname ~ 'mastobak'") ==
          "0");
}

TEST_CASE_METHOD(Managed,
                 "a server elsewhere is not talked to where its certificate is another's") {
    connect_as("CREATEDB");
    settings.parameters["sslrootcert"] = authority().directory / "other.crt";
    const auto error = error_of([this] { restored(); });
    CHECK(error.code() == Errc::database);
    CHECK(contains(error.text(), "certificate verify failed"));
    settings.parameters["sslrootcert"] = authority().directory / "root.crt";
    settings.host = "127.0.0.1";
    CHECK(contains(error_of([this] { restored(); }).text(), "does not match host name"));
}

TEST_CASE_METHOD(Managed, "an owner that may not create a database fills the empty one") {
    connect_as("");
    server.psql("postgres",
                "CREATE DATABASE \"" + nobody_uses + "\" OWNER customer TEMPLATE template0");
    server.psql(nobody_uses, "CREATE EXTENSION pg_stat_statements");  // the provider's extension
    settings.database = nobody_uses;
    SECTION("and stays") {
        const auto made = restored();
        CHECK(made.renamed.empty());
        CHECK(made.rows >= 3334);
        CHECK(owners() == "customer customer");
        // The database is no longer empty.
        CHECK(contains(error_of([this] { restored(); }).text(), "may not create databases"));
    }
    SECTION("and is empty again after a failure") {
        ++facts.rows["public.accounts"];
        CHECK(error_of([this] { restored(); }).code() == Errc::corrupt);
        CHECK(value("SELECT count(*) FROM pg_class WHERE relnamespace = "
                    "'public'::regnamespace AND relname !~ '^pg_stat_statements'") == "0");
        CHECK(value("SELECT extname FROM pg_extension ORDER BY 1") ==
              "pg_stat_statements\nplpgsql");
        --facts.rows["public.accounts"];
        CHECK(restored().rows >= 3334);
    }
    SECTION("but not where its encoding is another one") {
        facts.encoding = "LATIN1";
        CHECK(contains(error_of([this] { restored(); }).text(), "has the encoding UTF8"));
    }
}

TEST_CASE_METHOD(Managed, "a role that may make no database is told so, and whom to ask") {
    connect_as("");
    const auto error = error_of([this] { restored(); });
    CHECK(contains(error.text(), "role 'customer' may not create databases"));
    CHECK(contains(error.hint(), "ALTER ROLE \"customer\" CREATEDB"));
}
