// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/settings.hpp"

#include <cstdlib>

#include "support/catch.hpp"

using namespace mastobak;
using postgres::Settings;

namespace {

const Settings by_tcp{.host = "db.example", .database = "m", .user = "u"};

std::string options_with(const std::string& own) {
    auto settings = by_tcp;
    settings.parameters = {{"options", own}};
    return settings.session_options();
}

}  // namespace

TEST_CASE("options of a URL take none of ours along, whatever they end with") {
    const auto ours = by_tcp.session_options();
    CHECK(ours.starts_with("-c search_path=pg_catalog "));
    CHECK(options_with("-c geqo=off") == "-c geqo=off " + ours);
    // The server would read "off -c" as one word, and the next word would not be an option.
    CHECK(options_with("-c geqo=off\\") == "-c geqo=off " + ours);
    CHECK(options_with("\t -c\n a.b=one\\ two\\\\  ") == "-c a.b=one\\ two\\\\ " + ours);
    CHECK(options_with(" \\") == " " + ours);
}

TEST_CASE("libpq looks for no file in the home of the user that we run as") {
    auto settings = by_tcp;
    const auto environment = settings.environment();
    for (const auto* name : {"PGPASSFILE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLCRL"}) {
        CAPTURE(name);
        CHECK(environment.at(name) == "/dev/null/none");
    }
    settings.password = "secret";
    settings.parameters = {{"sslrootcert", "/a"}, {"sslcert", "/b"}, {"sslcrldir", "/c"}};
    const auto all = settings.complete();
    CHECK_FALSE(all.contains("passfile"));
    CHECK_FALSE(all.contains("sslcrl"));
    CHECK(all.at("sslrootcert") == "/a");
    CHECK(all.at("sslcert") == "/b");
    // Without a certificate, libpq reports that it cannot verify the server.
    settings.parameters = {{"sslmode", "verify-full"}};
    CHECK_FALSE(settings.complete().contains("sslrootcert"));
    settings.host = "/run/postgresql";
    CHECK_FALSE(settings.complete().contains("sslcert"));
}

TEST_CASE("libpq's variables of our own environment are forgotten") {
    ::setenv("PGHOST", "nowhere", 1);
    ::setenv("PGSERVICE", "other", 1);
    ::setenv("PAGER", "less", 1);
    const auto forgotten = postgres::forget_variables();
    CHECK(forgotten.at("PGHOST") == "nowhere");
    CHECK(::getenv("PGHOST") == nullptr);
    CHECK(::getenv("PGSERVICE") == nullptr);
    CHECK(std::string(::getenv("PAGER")) == "less");
    CHECK(postgres::forget_variables().empty());
}
