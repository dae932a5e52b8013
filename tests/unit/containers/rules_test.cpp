// SPDX-License-Identifier: GPL-3.0-or-later
// What the helper reads, and what it permits.
#include "containers/helper/rules.hpp"

#include <optional>

#include "containers/engine.hpp"
#include "containers/exec/exec.hpp"
#include "containers/exec/pg_dump.hpp"
#include "containers/exec/program.hpp"
#include "containers/helper/descriptions.hpp"
#include "containers/helper/drill_container.hpp"
#include "core/json.hpp"
#include "support/catch.hpp"
#include "unit/containers/container_id.hpp"

using namespace mastobak;
using namespace mastobak::containers;

namespace {

/// Returns the status of the refusal; 0 when the head is accepted.
int refusal_of(const std::string& head) {
    try {
        parse_request(head);
        return 0;
    } catch (const Refusal& refusal) {
        return refusal.status;
    }
}

/// Returns the call that a request means; nullopt when it is refused.
std::optional<Call> call(const std::string& method, const std::string& target,
                         const std::string& body = {}) {
    try {
        return permitted_call(parse_request(method + " " + target + " HTTP/1.1\r\n\r\n"), body);
    } catch (const Refusal&) {
        return std::nullopt;
    }
}

std::string exec_body(const std::string& command) {
    return R"({"Cmd": ["/bin/sh", "-c", ")" + command + R"("], "AttachStdout": true})";
}

}  // namespace

TEST_CASE("a request as our client sends it is read") {
    const auto request = parse_request(
        "POST /containers/a1/kill?signal=SIGTSTP&x=%7B%22y HTTP/1.1\r\nHost: localhost\r\n"
        "content-length:  12 \r\n\r\n");
    CHECK(request == Request{.method = "POST",
                             .path = "/containers/a1/kill",
                             .query = {{"signal", "SIGTSTP"}, {"x", "{\"y"}},
                             .body_size = 12});
}

TEST_CASE("a request that could mean something else to the engine is refused") {
    for (const std::string head : {
             "",
             "\r\n\r\n",
             "GET\r\n\r\n",
             "GET /version\r\n\r\n",
             "GET /version HTTP/1.0\r\n\r\n",
             "GET /version HTTP/1.1 \r\n\r\n",
             "get /version HTTP/1.1\r\n\r\n",
             "DELETE /version HTTP/1.1\r\n\r\n",
             "GET http://localhost/version HTTP/1.1\r\n\r\n",
             "GET /../version HTTP/1.1\r\n\r\n",
             "GET /%2e%2e/version HTTP/1.1\r\n\r\n",
             "GET /containers/../json HTTP/1.1\r\n\r\n",
             "GET /containers\\x HTTP/1.1\r\n\r\n",
             "GET /version;x HTTP/1.1\r\n\r\n",
             "GET /version?a=%zz HTTP/1.1\r\n\r\n",
             "GET /version?a=%4 HTTP/1.1\r\n\r\n",
             "GET /version?a=1&a=2 HTTP/1.1\r\n\r\n",
             "GET /version HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
             "GET /version HTTP/1.1\r\ntransfer-encoding : chunked\r\n\r\n",
             "GET /version HTTP/1.1\r\nUpgrade: tcp\r\n\r\n",
             "GET /version HTTP/1.1\r\nExpect: 100-continue\r\n\r\n",
             "GET /version HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
             "GET /version HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
             "GET /version HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n",
             "GET /version HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
             "GET /version HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
             "GET /version HTTP/1.1\r\nno field\r\n\r\n",
             "GET /version HTTP/1.1\r\nA: \x01\r\n\r\n",
             "GET /version HTTP/1.1\r\nA: b\r\n",
         }) {
        CAPTURE(head);
        CHECK(refusal_of(head) == 400);
    }
    CHECK(refusal_of("GET / HTTP/1.1\r\nContent-Length: 4097\r\n\r\n") == 413);
    CHECK(refusal_of("GET / HTTP/1.1\r\nContent-Length: 4096\r\n\r\n") == 0);
}

TEST_CASE("the calls that a backup needs are permitted") {
    CHECK(call("GET", "/version") == Call{CallKind::version});
    CHECK(call("GET", "/containers/json?all=true&filters=%7B%7D") == Call{CallKind::list});
    CHECK(call("GET", "/containers/" + id + "/json") == Call{CallKind::inspect, id});
    CHECK(call("POST", "/containers/" + id + "/stop") == Call{CallKind::stop, id});
    CHECK(call("POST", "/containers/" + id + "/start") == Call{CallKind::start, id});
    CHECK(call("POST", "/containers/" + id + "/restart") == Call{CallKind::restart, id});
    CHECK(call("POST", "/containers/" + id + "/kill?signal=SIGTSTP") ==
          Call{CallKind::kill, id, "TSTP"});
    CHECK(call("GET", "/containers/" + id + "/top?ps_args=-eo%20pid%2Cppid%2Cargs") ==
          Call{CallKind::top, id});
    CHECK(call("POST", "/containers/" + id + "/exec", exec_body("kill -CONT -1")) ==
          Call{CallKind::exec_create, id, "CONT"});
    CHECK(call("POST", "/containers/" + id + "/exec", exec_body("kill -TSTP 1")) ==
          Call{.kind = CallKind::exec_create, .id = id, .signal = "TSTP", .first = true});
    CHECK(call("POST", "/exec/" + id + "/start", "{}") == Call{CallKind::exec_start, id});
    CHECK(call("GET", "/exec/" + id + "/json") == Call{CallKind::exec_inspect, id});
}

TEST_CASE("other calls are refused") {
    for (const auto* target :
         {"/containers/create", "/containers/create?name=x", "/images/create", "/build", "/commit",
          "/auth", "/session", "/grpc", "/volumes/create", "/networks/create", "/containers/prune",
          "/swarm/init", "/plugins/pull", "/v1.41/version", "/info", "/events", "/_ping", "/"}) {
        CAPTURE(target);
        CHECK_FALSE(call("POST", target));
        CHECK_FALSE(call("GET", std::string(target) + (target == std::string("/") ? "x" : "/x")));
    }
    for (const auto* verb : {"attach", "update", "rename", "remove", "resize", "pause", "export",
                             "archive", "copy", "logs", "changes", "wait", "stop/x", "json/stop"}) {
        CAPTURE(verb);
        CHECK_FALSE(call("POST", "/containers/" + id + "/" + verb));
        CHECK_FALSE(call("GET", "/containers/" + id + "/" + verb));
    }
}

TEST_CASE("a container has to be named by its whole ID") {
    for (const std::string& name : std::vector<std::string>{"", "a", "web", "mastodon-web-1",
                                                            id.substr(1), id + "a", id + "/json"}) {
        CAPTURE(name);
        CHECK_FALSE(call("POST", "/containers/" + name + "/stop"));
    }
}

TEST_CASE("only two signals are sent, and only one program sends them") {
    for (const auto* signal : {"", "SIGKILL", "SIGSTOP", "9", "TSTP", "SIGTSTP%20", "sigtstp"}) {
        CAPTURE(signal);
        CHECK_FALSE(call("POST", "/containers/" + id + "/kill?signal=" + signal));
    }
    CHECK_FALSE(call("POST", "/containers/" + id + "/kill"));
    CHECK_FALSE(call("POST", "/containers/" + id + "/stop?t=0"));
    CHECK_FALSE(call("POST", "/containers/" + id + "/stop?signal=SIGKILL"));
    CHECK_FALSE(call("POST", "/containers/" + id + "/start?detachKeys=x"));
    CHECK_FALSE(call("POST", "/containers/" + id + "/start", R"({"Binds": ["/:/host"]})"));
    CHECK_FALSE(call("GET", "/containers/" + id + "/top?ps_args=-e%20e"));
    const auto exec = "/containers/" + id + "/exec";
    CHECK_FALSE(call("POST", exec, exec_body("kill -KILL -1")));
    CHECK_FALSE(call("POST", exec, exec_body("kill -TSTP -1; id")));
    CHECK_FALSE(call("POST", exec, exec_body("kill -TSTP 12")));
    CHECK_FALSE(call("POST", exec, R"({"Cmd": ["id"]})"));
    CHECK_FALSE(call("POST", exec, ""));
    // An option beside the permitted program could make it root.
    CHECK_FALSE(call("POST", exec,
                     R"({"Cmd": ["/bin/sh", "-c", "kill -TSTP -1"], "AttachStdout": true,)"
                     R"( "User": "root", "Privileged": true})"));
}

TEST_CASE("pg_dump is run in the only form that the helper makes") {
    const PgDump dump{.address = "172.18.0.2", .database = "mastodon", .user = "mastodon"};
    const auto exec = "/containers/" + id + "/exec";
    CHECK(call("POST", exec, containers::exec_body(dump)) ==
          Call{.kind = CallKind::exec_create,
               .id = id,
               .program = containers::exec_body(dump),
               .address = "172.18.0.2"});
    CHECK(call("POST", exec, version_body()) ==
          Call{.kind = CallKind::exec_create, .id = id, .program = version_body()});
    // A second value of the same name is not forwarded.
    const auto twice = "{\"User\": \"0\"," + containers::exec_body(dump).substr(1);
    CHECK(call("POST", exec, twice)->program == containers::exec_body(dump));
    CHECK_FALSE(call("POST", exec, ending_body(1)));
}

TEST_CASE("a drill's container is made of an image that is named by its ID") {
    CHECK(call("GET", "/images/" + id + "/json") == Call{CallKind::image, id});
    CHECK(call("POST", "/drill/" + id + "/start") == Call{CallKind::drill_start, id});
    CHECK(call("GET", "/drill/" + id + "/json") == Call{CallKind::drill_inspect, id});
    CHECK(call("POST", "/drill/" + id + "/remove") == Call{CallKind::drill_remove, id});
    for (const std::string& image : std::vector<std::string>{
             "", "postgres:17", "sha256:" + id, "postgres", id.substr(1), "../" + id}) {
        CAPTURE(image);
        CHECK_FALSE(call("GET", "/images/" + image + "/json"));
        CHECK_FALSE(call("POST", "/drill/" + image + "/start"));
    }
    const auto start = "/drill/" + id + "/start";
    CHECK_FALSE(call("POST", start, R"({"HostConfig": {"Privileged": true}})"));
    CHECK_FALSE(call("POST", start + "?name=x"));
    CHECK_FALSE(call("GET", start));
    CHECK_FALSE(call("POST", "/images/" + id + "/json"));
    for (const auto* verb : {"tag", "push", "get", "history", "remove"}) {
        CHECK_FALSE(call("POST", "/images/" + id + "/" + verb));
        CHECK_FALSE(call("GET", "/images/" + id + "/" + verb));
    }
}

TEST_CASE("pg_restore is run in the only form that the helper makes") {
    const PgRestore restore{.reader = "997:995",
                            .sockets = "/run/mastobak-drill.image",
                            .dump = "/var/lib/mastobak-drill.dump/database.dump",
                            .list = "/var/lib/mastobak-drill.dump/list",
                            .database = "drill",
                            .user = "mastodon",
                            .password = "secret"};
    const auto exec = "/containers/" + id + "/exec";
    const auto asked = call("POST", exec, containers::exec_body(restore));
    REQUIRE(asked);
    CHECK(asked->restore == restore);
    CHECK(asked->program == containers::exec_body(restore));
}

TEST_CASE("the container of a drill has no rights") {
    const DrillServer server{.command = {"/bin/sh", "-c", "true"}, .user = "996:994"};
    const auto body = Json::parse(drill_body(id, server));
    CHECK(body["Image"] == id);
    CHECK(body["User"] == "996:994");
    CHECK(body["Entrypoint"] == server.command);
    CHECK(body["Cmd"] == Json::array());
    const auto& host = body["HostConfig"];
    CHECK(host["NetworkMode"] == "none");
    CHECK(host["CapDrop"] == Json{"ALL"});
    CHECK(host["SecurityOpt"] == Json{"no-new-privileges"});
    CHECK(host["ReadonlyRootfs"] == true);
    CHECK(host["AutoRemove"] == true);
    CHECK_FALSE(host.contains("Privileged"));
    std::vector<std::string> writable;
    for (const auto& mount : host["Mounts"])
        if (!mount["ReadOnly"]) writable.push_back(mount["Source"]);
    CHECK(writable ==
          std::vector<std::string>{"/var/lib/mastobak-drill", "/run/mastobak-drill.image"});
}

TEST_CASE("a label alone does not make a container that of a drill") {
    const auto of_drill = [](const std::string& name, const std::string& label) {
        const Json answer{{"Id", id},
                          {"Name", name},
                          {"Image", "sha256:" + std::string(64, 'b')},
                          {"State", {{"Running", true}}},
                          {"Config", {{"Labels", {{drill_label, label}}}}}};
        const auto container = parse_inspection(answer.dump());
        CHECK(container.image_id == std::string(64, 'b'));
        return container.of_drill;
    };
    CHECK(of_drill("/mastobak-drill", "1"));
    CHECK(of_drill("mastobak-drill", "1"));  // podman's
    CHECK_FALSE(of_drill("/mastodon-db-1", "1"));
    CHECK_FALSE(of_drill("/mastobak-drill", "0"));
}

TEST_CASE("a scope has the services of one project") {
    const Scope scope{.project = "mastodon", .services = {"web", "sidekiq*"}, .database = "db"};
    CHECK(scope.dumps({"mastodon", "db", "1"}));
    CHECK_FALSE(scope.dumps({"mastodon", "web", "1"}));
    CHECK_FALSE(scope.dumps({"other", "db", "1"}));
    CHECK(scope.controls({"mastodon", "web", "1"}));
    CHECK(scope.controls({"mastodon", "sidekiq-mailers", "2"}));
    CHECK_FALSE(scope.controls({"mastodon", "db", "1"}));
    CHECK_FALSE(scope.controls({"other", "web", "1"}));
    CHECK(scope.shows({"mastodon", "db", "1"}));
    CHECK_FALSE(scope.shows({"other", "web", "1"}));
}

TEST_CASE("what the helper answers is what its client parses") {
    const Listed listed{
        .id = id, .name = {"mastodon", "web", "1"}, .state = "running", .created = 7};
    CHECK(parse_list(describe_list({listed})) == std::vector<Listed>{listed});
    Inspected container{
        .id = id,
        .name = units::ContainerName{"mastodon", "web", "1"},
        .running = true,
        .pid = 17,
        .started_at = Timestamp{std::chrono::nanoseconds{1'700'000'000'123'000'000}},
        .health = "healthy",
        .error = "none",
        .image = "mastodon",
        .image_id = std::string(64, 'b'),
        .command = {"puma"},
        .user = "991",
        .working_directory = "/opt/mastodon",
        .environment = {"A=1", "B=\xff\n"},
        .mounts = {{"/srv/m", "/m", false}},
        .network_mode = "x",
        .own_processes = false,
        .networks = {{"x", "172.18.0.2", {"web"}}},
        .project_directory = "/srv",
        .compose_files = {"/srv/docker-compose.yml"}};
    const auto whole = parse_inspection(describe_container(container, true));
    CHECK(whole.name == container.name);
    CHECK(whole.started_at == container.started_at);
    CHECK(whole.health == container.health);
    CHECK(whole.environment.front() == "A=1");
    CHECK(whole.image_id == container.image_id);
    CHECK(whole.mounts == container.mounts);
    CHECK(whole.networks == container.networks);
    CHECK(whole.compose_files == container.compose_files);
    CHECK_FALSE(whole.own_processes);
    CHECK(parse_inspection(describe_container(container, false)).environment.empty());
    const std::vector<ContainerProcess> processes{{17, 1, 0, "tini"}, {18, 2, 1, "sidekiq"}};
    CHECK(parse_processes(describe_processes(processes)) == processes);
}
