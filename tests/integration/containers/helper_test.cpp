// SPDX-License-Identifier: GPL-3.0-or-later
// The helper between an untrusted client and a real engine.
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>

#include "containers/container_control.hpp"
#include "helped_engine.hpp"
#include "project_containers.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/run_on.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;

TEST_CASE("the daemon's control works through the helper as with the engine itself") {
    HelpedEngine host;
    host.engine.run_container(web, serving, {"--env=A=1", "--workdir=/srv"});
    host.engine.run_container(
        "mastodon/sidekiq/1.container",
        {"sh", "-c",
         "perl -e '$0 = q(sidekiq 7 [0 of 5 busy]); $SIG{TSTP} = sub { $0 .= q( "
         "stopping) }; sleep 1 while 1'; true"});
    boost::asio::io_context loop{1};
    containers::ContainerControl control(host.socket());
    CHECK(run_on(loop, control.list({"mastodon/*/*.container"})).size() == 2);
    CHECK(run_on(loop, control.stop(web)) == units::JobResult::done);
    CHECK_FALSE(run_on(loop, control.query(web))->active());
    CHECK(run_on(loop, control.start(web)) == units::JobResult::done);
    CHECK(run_on(loop, control.query(web))->active());
    CHECK(run_on(loop, control.restart(web)) == units::JobResult::done);
    run_on(loop, control.check_may_control(web));
    CHECK(run_on(loop, control.property(web, "WorkingDirectory")) == "/srv");
    const std::string sidekiq = "mastodon/sidekiq/1.container";
    run_on(loop, control.kill(sidekiq, units::Whom::all, SIGTSTP));
    CHECK(eventually([&] {
        const auto processes = run_on(loop, control.processes(sidekiq));
        return std::ranges::any_of(processes, [](const auto& process) {
            return process.command == "sidekiq 7 [0 of 5 busy] stopping";
        });
    }));
    CHECK(host.refused() == 0);
    CHECK_THROWS_AS(run_on(loop, control.kill(web, units::Whom::main, SIGKILL)), Error);
    CHECK(run_on(loop, control.query(web))->active());
}

TEST_CASE("containers of other projects and services are not touched") {
    HelpedEngine host;
    const auto other = host.engine.run_container("other/web/1.container", serving);
    const auto database = host.engine.run_container(db, serving, {"--env=POSTGRES_PASSWORD=x7y"});
    const auto plain = host.engine.docker(
        {"run", "--detach", "--network=host", "--volume=/usr:/usr:ro", "--label",
         "com.docker.compose.project=mastodon", host.engine.image(), "sleep", "infinity"});
    for (const auto& id : {other, database, plain}) {
        for (const auto* verb : {"stop", "start", "restart", "kill?signal=SIGTSTP"})
            CHECK(host.ask("POST /containers/" + id + "/" + verb) == "403");
        CHECK(host.ask("GET /containers/" + id + "/top?ps_args=-eo%20pid,ppid,args") == "403");
        CHECK(host.ask("POST /containers/" + id + "/exec",
                       R"({"Cmd": ["/bin/sh", "-c", "kill -TSTP -1"], "AttachStdout": true})") ==
              "403");
    }
    CHECK(host.refused() == 18);
    CHECK(host.ask("GET /containers/" + other + "/json") == "403");
    CHECK(host.ask("GET /containers/" + plain + "/json") == "403");
    const auto shown = host.send("GET /containers/" + database + "/json HTTP/1.1\r\n\r\n");
    CHECK(shown.starts_with("HTTP/1.1 200 "));
    CHECK(shown.find("x7y") == std::string::npos);
    CHECK(host.send("GET /containers/json HTTP/1.1\r\n\r\n").find(other) == std::string::npos);
    CHECK(host.engine.docker({"ps", "-q"}).size() == 3 * 12 + 2);
}

TEST_CASE("hostile requests do nothing, and the helper goes on") {
    HelpedEngine host;
    const auto id = host.engine.run_container(web, serving);
    const auto stop = "POST /containers/" + id + "/stop HTTP/1.1\r\n";
    const auto status = [&](const std::string& bytes) { return host.send(bytes).substr(9, 3); };
    CHECK(host.ask("POST /containers/create", R"({"Image": "x", "HostConfig": {}})") == "403");
    CHECK(host.ask("POST /containers/" + id + "/exec", R"({"Cmd": ["id"]})") == "403");
    CHECK(host.ask("POST /containers/" + id + "/../" + id + "/stop") == "400");
    CHECK(host.ask("GET /containers/" + id + "/archive?path=/") == "403");
    CHECK(host.ask("DELETE /containers/" + id) == "400");
    CHECK(host.ask("POST /exec/" + std::string(64, '0') + "/start", "{}") == "404");
    CHECK(status(stop + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == "400");
    CHECK(status(stop + "Upgrade: tcp\r\nConnection: Upgrade\r\n\r\n") == "400");
    CHECK(status(stop + "Content-Length: 5000\r\n\r\n") == "413");
    // A second request on the same connection.
    CHECK(status(stop + "\r\n" + stop + "\r\n") == "400");
    CHECK(status(stop + "X: " + std::string(9000, 'x') + "\r\n\r\n") == "431");
    // The client does not send all of it.
    CHECK(status(stop) == "408");
    CHECK(status(stop + "Content-Length: 10\r\n\r\n12345") == "408");
    CHECK(status("") == "408");
    CHECK(status(std::string(100, '\0') + "\r\n\r\n") == "400");
    CHECK(host.engine.docker({"ps", "-q", "--no-trunc"}) == id);
    CHECK(status(stop + "\r\n") == "204");
    CHECK(host.engine.docker({"ps", "-q", "--no-trunc"}).empty());
}

TEST_CASE("another user is refused") {
    HelpedEngine host({4242});
    const auto id = host.engine.run_container(web, serving);
    CHECK(host.ask("POST /containers/" + id + "/stop") == "403");
    CHECK(host.ask("GET /version") == "403");
    // The user that is permitted is served.
    const auto child = ::fork();
    if (child == 0) {
        const auto address = address_of(host.socket());
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        if (::setresuid(4242, 4242, 4242) != 0 ||
            ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            ::_exit(1);
        constexpr std::string_view request = "GET /version HTTP/1.1\r\n\r\n";
        char answer[12]{};
        const bool good = ::send(fd, request.data(), request.size(), 0) > 0 &&
                          ::recv(fd, answer, sizeof answer, MSG_WAITALL) == sizeof answer &&
                          std::string_view(answer, sizeof answer) == "HTTP/1.1 200";
        ::_exit(good ? 0 : 2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("an engine that does not run is told apart from a container that does not start") {
    HelpedEngine host;
    const auto id = host.engine.create_container(web, {"/no/such/program"});
    CHECK(host.ask("POST /containers/" + id + "/start") == "500");
    host.engine.kill_engine();
    CHECK(host.ask("POST /containers/" + id + "/start") == "502");
    boost::asio::io_context loop{1};
    containers::ContainerControl control(host.socket());
    CHECK_THROWS_AS(run_on(loop, control.start(web)), Error);
}

TEST_CASE("a signal does not reach the host from a container that shares its processes") {
    HelpedEngine host;
    host.engine.run_container(web, serving, {"--pid=host"});
    boost::asio::io_context loop{1};
    containers::ContainerControl control(host.socket());
    try {
        run_on(loop, control.kill(web, units::Whom::all, SIGTSTP));
        FAIL("sent");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).find("shares the processes") != std::string::npos);
    }
}
