// SPDX-License-Identifier: GPL-3.0-or-later
// The requests that run pg_dump in a container, as the client makes and the helper reads them.
#include "containers/exec/pg_dump.hpp"

#include <functional>

#include "core/error.hpp"
#include "core/json.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::containers;

namespace {

const PgDump usual{.address = "172.18.0.2",
                   .port = 5432,
                   .database = "mastodon_production",
                   .user = "mastodon",
                   .password = "p'a \"s\\s ü",
                   .session_options = "-c search_path=pg_catalog -c statement_timeout=0",
                   .application = "mastobak dump 17-1",
                   .snapshot = "00000003-0000001B-1",
                   .definitions_only = true,
                   .lock_timeout = std::chrono::seconds(60),
                   .connect_timeout = std::chrono::seconds(7)};

/// Returns whether the helper takes a changed body.
bool taken(const std::function<void(Json&)>& change) {
    auto body = Json::parse(exec_body(usual));
    change(body);
    return parse_pg_dump(body.dump()).has_value();
}

bool makes(const std::function<void(PgDump&)>& change) {
    auto dump = usual;
    change(dump);
    try {
        return parse_pg_dump(exec_body(dump)) == dump;
    } catch (const Error& error) {
        CHECK(error.code() == Errc::database);
        CHECK(std::string(error.what()).find("p'a") == std::string::npos);
        return false;
    }
}

}  // namespace

TEST_CASE("the helper reads what its client asks for") {
    CHECK(parse_pg_dump(exec_body(usual)) == usual);
    CHECK(makes([](auto& dump) { dump.snapshot.clear(); }));
    CHECK(makes([](auto& dump) { dump.definitions_only = false; }));
    CHECK(makes([](auto& dump) { dump.password.clear(); }));
    CHECK(makes([](auto& dump) { dump.address = "fd00::2"; }));
    CHECK(makes([](auto& dump) { dump.database = "-odd = name"; }));
    // The socket of a drill's server, which is the only one.
    CHECK(makes([](auto& dump) { dump.address = "/run/mastobak-drill.image"; }));
}

TEST_CASE("the password is not an argument") {
    const auto body = Json::parse(exec_body(usual));
    CHECK(body["Cmd"].dump().find("p'a") == std::string::npos);
    CHECK(body["Env"].dump().find("PGPASSWORD=p'a") != std::string::npos);
    CHECK(body["User"] == "65534:65534");
}

TEST_CASE("a value that could mean something else is not passed on") {
    CHECK_FALSE(makes([](auto& dump) { dump.database = "a\nb"; }));
    CHECK_FALSE(makes([](auto& dump) { dump.database.clear(); }));
    CHECK_FALSE(makes([](auto& dump) { dump.user = std::string("a\0b", 3); }));
    CHECK_FALSE(makes([](auto& dump) { dump.user.assign(64, 'x'); }));
    CHECK_FALSE(makes([](auto& dump) { dump.password = "\xff"; }));
    CHECK_FALSE(makes([](auto& dump) { dump.password.assign(513, 'x'); }));
    CHECK_FALSE(makes([](auto& dump) { dump.session_options.assign(1025, 'x'); }));
    CHECK_FALSE(makes([](auto& dump) { dump.snapshot = "x"; }));
    CHECK_FALSE(makes([](auto& dump) { dump.snapshot = "-1"; }));
    CHECK_FALSE(makes([](auto& dump) { dump.address = "/run/postgresql"; }));
    CHECK_FALSE(makes([](auto& dump) { dump.address = "/run/../mastobak-drill.image"; }));
    CHECK_FALSE(makes([](auto& dump) { dump.address = "evil.example"; }));
    CHECK_FALSE(makes([](auto& dump) { dump.port = 0; }));
    CHECK_FALSE(makes([](auto& dump) { dump.lock_timeout = std::chrono::milliseconds(-1); }));
}

TEST_CASE("anything beside pg_dump is refused") {
    CHECK(taken([](auto&) {}));
    CHECK_FALSE(taken([](auto& body) { body["User"] = "0"; }));
    CHECK_FALSE(taken([](auto& body) { body.erase("User"); }));
    CHECK_FALSE(taken([](auto& body) { body["Privileged"] = true; }));
    CHECK_FALSE(taken([](auto& body) { body["Tty"] = false; }));
    CHECK_FALSE(taken([](auto& body) { body["WorkingDir"] = "/"; }));
    CHECK_FALSE(taken([](auto& body) { body["AttachStdin"] = true; }));
    CHECK_FALSE(taken([](auto& body) { body["Cmd"].push_back("--file=/tmp/x"); }));
    CHECK_FALSE(taken([](auto& body) { body["Cmd"].push_back("--snapshot=00000004"); }));
    CHECK_FALSE(taken([](auto& body) { body["Cmd"][4] = "psql"; }));
    CHECK_FALSE(taken([](auto& body) { body["Cmd"][2] = "id"; }));
    CHECK_FALSE(taken([](auto& body) { body["Cmd"] = "pg_dump"; }));
    CHECK_FALSE(taken([](auto& body) { body["Cmd"].push_back(7); }));
    CHECK_FALSE(taken([](auto& body) { body["Env"].push_back("LD_PRELOAD=/tmp/x"); }));
    CHECK_FALSE(taken([](auto& body) { body["Env"].push_back("PGHOST=10.0.0.1"); }));
    CHECK_FALSE(taken([](auto& body) { body["Env"][0] = "LC_ALL=de"; }));
    CHECK_FALSE(taken([](auto& body) { body["Env"] = Json::object(); }));
    for (const auto* body : {"", "null", "[]", "{}", "7", "{\"Cmd\": null}", "{\"Env\": [7]}"})
        CHECK_FALSE(parse_pg_dump(body));
}

TEST_CASE("only the container's own addresses are those of its server") {
    Inspected container;
    container.networks = {{"internal", "172.18.0.2", {}}, {"none", "", {}}};
    CHECK(is_own_address(container, "172.18.0.2"));
    CHECK_FALSE(is_own_address(container, "172.18.0.3"));
    CHECK_FALSE(is_own_address(container, "127.0.0.1"));
    CHECK_FALSE(is_own_address(container, ""));
    container.network_mode = "host";
    CHECK(is_own_address(container, "127.0.0.1"));
    CHECK_FALSE(is_own_address(container, "172.18.0.2"));
}
