// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/database/database_settings.hpp"

#include <unistd.h>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

struct OfMastodon {
    TemporaryDirectory directory;
    mastodon::Instance instance{.directory = "/home/mastodon/live", .user = "nobody"};
    config::Config config;

    postgres::Settings settings() const { return backup::database_settings(config, instance); }
    Error error() const {
        try {
            settings();
        } catch (const Error& error) {
            return error;
        }
        return Error(Errc::internal, "");
    }
    void with_service(const std::string& text) {
        write(directory / "services", text);
        instance.environment["PGSERVICEFILE"] = directory / "services";
        instance.environment["PGSERVICE"] = "main";
    }
};

Error error_of_url(const std::string& url) {
    try {
        backup::settings_of_url(url);
    } catch (const Error& error) {
        return error;
    }
    return Error(Errc::internal, "");
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_METHOD(OfMastodon, "a connection is Mastodon's own, with all of its parameters") {
    instance.environment = {
        {"DATABASE_URL",
         "postgresql://u:p@db.example:6000/m?sslmode=verify-full&sslrootcert=ca.crt&pool=5"},
        {"PGSSLMODE", "disable"},
        {"PGSSLCERT", "/etc/client.crt"},
        {"PGREQUIRESSL", "1"},
        {"PGAPPNAME", "puma"},
        {"PGPASSFILE", "/etc/other"}};
    const auto found = settings();
    CHECK(found.host == "db.example");
    CHECK(found.port == 6000);
    CHECK(found.database == "m");
    CHECK(found.user == "u");
    CHECK(found.password == "p");
    CHECK(found.passfile.empty());  // the password has priority
    CHECK(found.parameters == postgres::Parameters{{"sslmode", "verify-full"},
                                                   {"sslrootcert", "/home/mastodon/live/ca.crt"},
                                                   {"sslcert", "/etc/client.crt"}});
}

TEST_CASE_METHOD(OfMastodon, "a service of PGSERVICE counts less than .env, and more than PG…") {
    instance.environment = {{"DB_HOST", ""},
                            {"DB_PORT", ""},
                            {"PGSSLMODE", "require"},
                            {"PGUSER", "by_variable"},
                            {"DB_USER", "mastodon"}};
    with_service(
        "# ours\n[other]\nhost=wrong\n[main]\n host = db.example\nport=6001\nuser=nobody\n"
        "sslmode=verify-ca\nconnect_timeout=3\n[more]\nport=1\n");
    fs::permissions(directory.path(), fs::perms(0711));
    const auto found = settings();
    CHECK(found.host == "db.example");
    CHECK(found.port == 6001);
    CHECK(found.user == "mastodon");
    CHECK(found.connect_timeout == std::chrono::seconds(3));
    CHECK(found.parameters.at("sslmode") == "verify-ca");

    SECTION("that is not there is an error that names the file") {
        instance.environment["PGSERVICE"] = "absent";
        CHECK(contains(error().text(), "service 'absent' of PGSERVICE is not in"));
    }
    SECTION("in a file that Mastodon may not read is not for it") {
        fs::permissions(directory / "services", fs::perms::owner_read);
        CHECK(contains(error().text(), "cannot be read by its user 'nobody'"));
    }
}

TEST_CASE_METHOD(OfMastodon, "a password is no other role's, and the configuration beats all") {
    instance.environment = {
        {"DB_HOST", "db.example"}, {"DB_PASS", "secret"}, {"PGHOSTADDR", "::2"}};
    config.database.user = "mastobak";
    config.database.host = "/run/postgresql";
    config.database.port = 6432;
    auto found = settings();
    CHECK(found.user == "mastobak");
    CHECK(found.host == "/run/postgresql");
    CHECK(found.port == 6432);
    CHECK(found.password.empty());
    CHECK_FALSE(found.parameters.contains("hostaddr"));
    config.database.passfile = "/etc/mastobak/pass";
    config.database.user.reset();
    found = settings();
    CHECK(found.user == "mastodon");
    CHECK(found.password.empty());
    CHECK(found.passfile == "/etc/mastobak/pass");
}

TEST_CASE_METHOD(OfMastodon, "what Mastodon's connection uses and ours cannot is an error") {
    instance.environment = {{"DATABASE_URL", "postgres://h/m?sslpassword=x"}};
    CHECK(contains(error().text(), "passphrase"));
    instance.environment = {};
    instance.unknowns = {{"DB_PASS", "/srv/.env:3: 'DB_PASS' comes from a command"}};
    CHECK(contains(error().text(), "/srv/.env:3"));
    config.database.user = "mastobak";  // not used
    CHECK(settings().user == "mastobak");
}

TEST_CASE_METHOD(OfMastodon, "what libpq does not know is left out, as Rails leaves it out") {
    instance.environment = {{"DATABASE_URL", "postgres://h/m?pgbouncer=true&sslmode=require"}};
    CHECK(settings().parameters == postgres::Parameters{{"sslmode", "require"}});
}

TEST_CASE("a URL of the command line says it all, and leaves what it does not say empty") {
    const auto url = backup::settings_of_url(
        "postgresql://keeper@[::1]:6000/m%20n?sslmode=require&sslrootcert=/ca&connect_timeout=4"
        "&passfile=/root/pass&application_name=x");
    CHECK(url.host == "::1");
    CHECK(url.port == 6000);
    CHECK(url.user == "keeper");
    CHECK(url.database == "m n");
    CHECK(url.passfile == "/root/pass");
    CHECK(url.connect_timeout == std::chrono::seconds(4));
    CHECK(url.parameters == postgres::Parameters{{"sslmode", "require"}, {"sslrootcert", "/ca"}});
    const auto least = backup::settings_of_url("postgres://keeper@/");
    CHECK(least.host.empty());
    CHECK(least.port == 5432);
    CHECK(least.database.empty());
}

TEST_CASE("a URL that has a password, or is not one, is refused without showing it") {
    for (const auto* url :
         {"postgresql://keeper:se%20cret@h/m", "postgresql://keeper@h/m?password=se%20cret"}) {
        const auto error = error_of_url(url);
        CHECK(error.code() == Errc::usage);
        CHECK(contains(error.hint(), "--passfile"));
        CHECK_FALSE(contains(error.what(), "cret"));
    }
    CHECK(contains(error_of_url("host=h user=keeper").text(), "does not begin with"));
    CHECK(contains(error_of_url("host=h").hint(), "postgresql://ROLE@HOST"));
    CHECK(contains(error_of_url("postgresql://h/m").text(), "names no role"));
    CHECK(contains(error_of_url("postgresql://a@h/m?service=x").text(), "'service'"));
    CHECK(contains(error_of_url("postgresql://a@h/m?sslmodus=x").text(), "'sslmodus'"));
    CHECK(contains(error_of_url("postgresql://a@h/m?sslmode=verify-full").hint(), "sslrootcert"));
}
