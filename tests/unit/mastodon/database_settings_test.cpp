// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/database_settings.hpp"

#include "core/error.hpp"
#include "mastodon/instance.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using mastodon::database_settings;

TEST_CASE("without any variable the database is Mastodon's default") {
    const auto settings = database_settings({});
    CHECK(settings.host == "localhost");
    CHECK(settings.port == 5432);
    CHECK(settings.name == "mastodon_production");
    CHECK(settings.user == "mastodon");
    CHECK(settings.password.empty());
    CHECK(settings.parameters.empty());
}

TEST_CASE("DB_ variables are taken as they are") {
    const auto settings = database_settings({{"DB_HOST", "/var/run/postgresql"},
                                             {"DB_PORT", "5433"},
                                             {"DB_NAME", "m"},
                                             {"DB_USER", "u"},
                                             {"DB_PASS", "a#\"$b"},
                                             {"DB_SSLMODE", "require"}});
    CHECK(settings.host == "/var/run/postgresql");
    CHECK(settings.port == 5433);
    CHECK(settings.name == "m");
    CHECK(settings.user == "u");
    CHECK(settings.password == "a#\"$b");
    CHECK(settings.parameters.at("sslmode") == "require");
    CHECK(database_settings({{"DB_HOST", ""}}).host.empty());
}

TEST_CASE("DATABASE_URL beats DB_ variables, and leaves what it does not say") {
    const auto settings = database_settings(
        {{"DATABASE_URL", "postgresql://us%65r:p%40ss%3A@db.example:6000/name?sslmode=require"},
         {"DB_HOST", "x"},
         {"DB_NAME", "y"}});
    CHECK(settings.host == "db.example");
    CHECK(settings.port == 6000);
    CHECK(settings.name == "name");
    CHECK(settings.user == "user");
    CHECK(settings.password == "p@ss:");
    CHECK(settings.parameters.at("sslmode") == "require");

    const auto partial = database_settings(
        {{"DATABASE_URL", "postgres://h"}, {"DB_NAME", "n"}, {"DB_PASS", "p"}, {"DB_PORT", "1"}});
    CHECK(partial.host == "h");
    CHECK(partial.name == "n");
    CHECK(partial.password == "p");
    CHECK(partial.port == 1);
}

TEST_CASE("PRIMARY_DATABASE_URL beats DATABASE_URL, as in Rails") {
    const mastodon::Environment both{{"PRIMARY_DATABASE_URL", "postgres://p@one.example/first"},
                                     {"DATABASE_URL", "postgres://d@two.example/second"},
                                     {"DB_NAME", "third"},
                                     {"DB_PASS", "secret"}};
    const auto settings = mastodon::database_settings(both);
    CHECK(settings.host == "one.example");
    CHECK(settings.name == "first");
    CHECK(settings.user == "p");
    CHECK(settings.password == "secret");
    CHECK(mastodon::database_url_name(both) == "PRIMARY_DATABASE_URL");
    CHECK(mastodon::database_url_name({}) == "DATABASE_URL");
    // Mastodon needs this variable, so the error names it.
    const mastodon::Environment second{{"DATABASE_URL", "postgres://d@two.example/second"}};
    CHECK_THROWS_WITH(mastodon::database_settings(second, {{"PRIMARY_DATABASE_URL", "why not"}}),
                      Catch::Contains("why not"));
    CHECK(mastodon::database_settings(both, {{"DATABASE_URL", "why not"}}).name == "first");
    CHECK_THROWS_WITH(mastodon::database_settings({{"PRIMARY_DATABASE_URL", "mysql://x"}}),
                      Catch::Contains("'PRIMARY_DATABASE_URL' is not usable"));
}

TEST_CASE("DATABASE_URL may name a socket, an IPv6 address, or nothing but a database") {
    CHECK(database_settings({{"DATABASE_URL", "postgres:///n?host=/run/postgresql"}}).host ==
          "/run/postgresql");
    CHECK(database_settings({{"DATABASE_URL", "postgres://u@%2Frun%2Fpostgresql/n"}}).host ==
          "/run/postgresql");
    const auto ipv6 = database_settings({{"DATABASE_URL", "postgres://u:p@[::1]:5433/n"}});
    CHECK(ipv6.host == "::1");
    CHECK(ipv6.port == 5433);
}

TEST_CASE("DATABASE_URL gives parameters of libpq, and keeps those of Rails to itself") {
    const auto settings = database_settings(
        {{"DATABASE_URL",
          "postgres://h/n?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.crt&pool=5&connect_timeout="
          "3&prepared_statements=false&sslcert=&schema_search_path=a%2C+b&what=1"}});
    CHECK(settings.parameters == std::map<std::string, std::string>{{"connect_timeout", "3"},
                                                                    {"sslmode", "verify-full"},
                                                                    {"sslrootcert", "/etc/ca.crt"},
                                                                    {"what", "1"}});
}

TEST_CASE("DATABASE_URL is read as Rails reads it") {
    const std::string of_url = "DATABASE_URL";
    const auto settings = database_settings(
        {{of_url, " postgres://u@h/n?user=x&dbname=y&host=/run#frag?\n"}, {"DB_PASS", "p"}});
    CHECK(settings.user == "u");
    CHECK(settings.name == "n");
    CHECK(settings.password == "p");
    CHECK(settings.host == "/run");
    CHECK(database_settings({{of_url, "postgres://u:@h/n"}, {"DB_PASS", "p"}}).password == "p");
    // Rails' own defaults have priority over libpq's variables.
    const auto libpqs = database_settings({{of_url, "postgres:///?user=x&dbname=y"}});
    CHECK(libpqs.user == "mastodon");
    CHECK(libpqs.name == "mastodon_production");
    CHECK(database_settings({{of_url, "postgres://h/n#x"}}).name == "n");
    CHECK(database_settings({{of_url, "postgres://h/n \n"}}).name == "n");
}

TEST_CASE("a port that is set but empty is libpq's to choose") {
    CHECK(database_settings({}).port_given);
    CHECK_FALSE(database_settings({{"DB_PORT", ""}}).port_given);
    CHECK(database_settings({{"DB_PORT", ""}, {"DATABASE_URL", "postgres://h:1/n"}}).port_given);
}

TEST_CASE("a database that cannot be is an error that keeps the password to itself") {
    for (const auto* url : {"mysql://u:secret@h/n", "postgres", "postgresql:", "postgres:/secret",
                            "postgres://u:secret@h:99999999999/n", "postgres://u:secret@h/n?port=x",
                            "postgres://u:secret@h:x/n", "nonsense", "postgres://u:secret%zz@h/n",
                            "postgres://u:secret@[::1/n"}) {
        try {
            database_settings({{"DATABASE_URL", url}});
            FAIL("accepted: " << url);
        } catch (const Error& error) {
            CHECK(error.code() == Errc::config);
            CHECK(std::string(error.what()).find("secret") == std::string::npos);
        }
    }
    CHECK_THROWS_AS(database_settings({{"DB_PORT", "70000"}}), Error);
}
