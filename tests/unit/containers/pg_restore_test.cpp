// SPDX-License-Identifier: GPL-3.0-or-later
// The requests that run pg_restore in the container of a drill, as the client makes and the helper
// reads them.
#include "containers/exec/pg_restore.hpp"

#include <functional>

#include "core/error.hpp"
#include "core/json.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::containers;

namespace {

const PgRestore usual_restore{.reader = "997:995",
                              .sockets = "/run/mastobak-drill.image",
                              .dump = "/var/lib/mastobak-drill.dump/database.dump",
                              .list = "/var/lib/mastobak-drill.dump/list",
                              .database = "drill",
                              .user = "mastodon",
                              .password = "p'a \"s\\s ü",
                              .session_options = "-c search_path=pg_catalog",
                              .role = "owner",
                              .jobs = 3,
                              .exit_on_error = true,
                              .no_privileges = true};

/// Returns whether the helper takes a changed body.
bool is_taken(const std::function<void(Json&)>& change) {
    auto body = Json::parse(exec_body(usual_restore));
    change(body);
    return parse_pg_restore(body.dump()).has_value();
}

bool comes_back(const std::function<void(PgRestore&)>& change) {
    auto restore = usual_restore;
    change(restore);
    try {
        return parse_pg_restore(exec_body(restore)) == restore;
    } catch (const Error& error) {
        CHECK(error.code() == Errc::database);
        CHECK(std::string(error.what()).find("p'a") == std::string::npos);
        return false;
    }
}

}  // namespace

TEST_CASE("the helper reads the restore that its client asks for") {
    CHECK(parse_pg_restore(exec_body(usual_restore)) == usual_restore);
    CHECK(comes_back([](auto& restore) { restore.role.clear(); }));
    CHECK(comes_back([](auto& restore) { restore.session_options.clear(); }));
    CHECK(comes_back([](auto& restore) { restore.exit_on_error = false; }));
    CHECK(comes_back([](auto& restore) { restore.no_privileges = false; }));
    CHECK(comes_back([](auto& restore) { restore.database = "-odd = name"; }));
    CHECK(comes_back([](auto& restore) { restore.role = "--file=/tmp/x"; }));
}

TEST_CASE("the password of a restore is not an argument") {
    const auto body = Json::parse(exec_body(usual_restore));
    CHECK(body["Cmd"].dump().find("p'a") == std::string::npos);
    CHECK(body["Env"].dump().find("PGPASSWORD=p'a") != std::string::npos);
    CHECK(body["User"] == "997:995");
}

TEST_CASE("a value of a restore that could mean something else is not passed on") {
    for (const auto* reader : {"", "mastobak", "997", ":", "997:", ":995", "1:2:3", "-1:2", "0 :1"})
        CHECK_FALSE(comes_back([&](auto& restore) { restore.reader = reader; }));
    for (const auto* path : {"", "relative", "/a/../b", "/a\nb"}) {
        CHECK_FALSE(comes_back([&](auto& restore) { restore.sockets = path; }));
        CHECK_FALSE(comes_back([&](auto& restore) { restore.dump = path; }));
        CHECK_FALSE(comes_back([&](auto& restore) { restore.list = path; }));
    }
    CHECK_FALSE(comes_back([](auto& restore) { restore.database = "a\nb"; }));
    CHECK_FALSE(comes_back([](auto& restore) { restore.database.clear(); }));
    CHECK_FALSE(comes_back([](auto& restore) { restore.user.assign(64, 'x'); }));
    CHECK_FALSE(comes_back([](auto& restore) { restore.password.clear(); }));
    CHECK_FALSE(comes_back([](auto& restore) { restore.password = "\xff"; }));
    CHECK_FALSE(comes_back([](auto& restore) { restore.session_options.assign(1025, 'x'); }));
    CHECK_FALSE(comes_back([](auto& restore) { restore.role.assign(64, 'x'); }));
    CHECK_FALSE(comes_back([](auto& restore) { restore.jobs = 0; }));
    CHECK_FALSE(comes_back([](auto& restore) { restore.jobs = 65; }));
}

TEST_CASE("anything beside pg_restore is refused") {
    CHECK(is_taken([](auto&) {}));
    CHECK_FALSE(is_taken([](auto& body) { body["User"] = "root"; }));
    CHECK_FALSE(is_taken([](auto& body) { body.erase("User"); }));
    CHECK_FALSE(is_taken([](auto& body) { body["Privileged"] = true; }));
    CHECK_FALSE(is_taken([](auto& body) { body["AttachStdin"] = true; }));
    CHECK_FALSE(is_taken([](auto& body) { body["Cmd"].push_back("--file=/tmp/x"); }));
    CHECK_FALSE(
        is_taken([](auto& body) { body["Cmd"].insert(body["Cmd"].begin() + 6, "--create"); }));
    CHECK_FALSE(is_taken([](auto& body) { body["Cmd"][4] = "psql"; }));
    CHECK_FALSE(is_taken([](auto& body) { body["Cmd"][2] = "id"; }));
    CHECK_FALSE(is_taken([](auto& body) { body["Cmd"].push_back(7); }));
    CHECK_FALSE(is_taken([](auto& body) { body["Env"].push_back("LD_PRELOAD=/tmp/x"); }));
    CHECK_FALSE(is_taken([](auto& body) { body["Env"].push_back("PGHOST=10.0.0.1"); }));
    for (const auto* body : {"", "null", "[]", "{}", "7", "{\"Cmd\": null}", "{\"Env\": [7]}",
                             "{\"User\": 7, \"Cmd\": []}"})
        CHECK_FALSE(parse_pg_restore(body));
}
