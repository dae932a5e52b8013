// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of a container engine, real and hostile ones.
#include "containers/answers.hpp"

#include "containers/properties.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "unit/containers/container_id.hpp"

using namespace mastobak;
using namespace mastobak::containers;
namespace fs = std::filesystem;

namespace {

std::string labels(const std::string& project, const std::string& service,
                   const std::string& number, const std::string& more = {}) {
    return R"({"com.docker.compose.project": ")" + project +
           R"(", "com.docker.compose.service": ")" + service +
           R"(", "com.docker.compose.container-number": ")" + number + '"' + more + "}";
}

std::string listed(const std::string& labels_, const std::string& id_ = id) {
    return R"({"Id": ")" + id_ + R"(", "State": "running", "Created": 17, "Labels": )" + labels_ +
           "}";
}

}  // namespace

TEST_CASE("a list has the containers that Docker Compose has made") {
    const auto one_off = R"(, "com.docker.compose.oneoff": "True")";
    const auto found =
        parse_list("[" + listed(labels("mastodon", "web", "1")) + "," +
                   listed(labels("mastodon", "web", "1", one_off)) + "," + listed("null") + "," +
                   listed("{}") + "," + listed(labels("mastodon", "../web", "1")) + "," +
                   listed(labels("mastodon", "web", "1"), "../x") + "]");
    REQUIRE(found.size() == 1);
    CHECK(found[0] ==
          Listed{.id = id, .name = {"mastodon", "web", "1"}, .state = "running", .created = 17});
    CHECK(parse_list("[]").empty());
}

TEST_CASE("the containers of all projects are listed by their label, whatever it is") {
    const auto one_off = R"(, "com.docker.compose.oneoff": "True")";
    const auto found = parse_labelled("[" + listed(labels("a/b", "web", "x")) + "," +
                                      listed(labels("mastodon", "web", "1", one_off)) + "," +
                                      listed("null") + "," + listed(labels("", "web", "1")) + "," +
                                      listed(labels("mastodon", "web", "1"), "../x") + "]");
    CHECK(found == std::vector<Labelled>{{id, "a/b"}});
    CHECK_THROWS_AS(parse_labelled("{}"), Error);
}

TEST_CASE("an answer that is not one is an error") {
    for (const auto* text : {"", "{", "{}", "null", "7", R"("text")", "<html>", "[[[[", "\xff"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_list(text), Error);
        CHECK_THROWS_AS(parse_labelled(text), Error);
        CHECK_THROWS_AS(parse_inspection(text), Error);
        CHECK_THROWS_AS(parse_processes(text), Error);
        CHECK_THROWS_AS(parse_id(text), Error);
        CHECK_THROWS_AS(parse_is_podman(text), Error);
        CHECK_THROWS_AS(parse_exit_status(text), Error);
    }
    CHECK(parse_list(R"([1, null, "x", [], {"Id": 7}])").empty());
    CHECK_THROWS_AS(parse_processes(R"({"Titles": ["PID"], "Processes": []})"), Error);
    CHECK_THROWS_AS(parse_processes(R"({"Titles": ["PID", "PPID", "COMMAND"],
                                        "Processes": [["1", "2"]]})"),
                    Error);
    CHECK_THROWS_AS(parse_processes(R"({"Titles": ["PID", "PPID", "COMMAND"],
                                        "Processes": [["-1", "0", "x"]]})"),
                    Error);
    CHECK_THROWS_AS(parse_exit_status(R"({"ExitCode": 1e90})"), Error);
    CHECK_THROWS_AS(parse_inspection(R"({"Id": "7", "State": {}})"), Error);
}

TEST_CASE("a container is described by what the engine says of it") {
    const auto container = parse_inspection(R"({"Id": ")" + id + R"(",
        "State": {"Running": true, "Pid": 3085, "StartedAt": "2026-11-29T22:12:01.8983515Z",
                  "Health": {"Status": "healthy"}},
        "Config": {"User": "mastodon", "WorkingDir": "/opt/mastodon",
                   "Env": ["DB_HOST=db", "SECRET=\"quoted\"\nsecond line"], "Labels": )" +
                                            labels("mastodon", "web", "1", R"(,
                   "com.docker.compose.project.working_dir": "/srv/mastodon",
                   "com.docker.compose.project.config_files": "/srv/x/a.yml,b.yml")") +
                                            R"(},
        "HostConfig": {"NetworkMode": "mastodon_internal"},
        "Mounts": [{"Source": "/srv/mastodon/public/system", "RW": true,
                    "Destination": "/mastodon/public/system"}, {"Source": "relative"}],
        "NetworkSettings": {"Networks": {"mastodon_internal": {"IPAddress": "172.18.0.2",
                                                               "Aliases": ["web", "a1b2"]}}}})");
    CHECK(container.name == units::ContainerName{"mastodon", "web", "1"});
    CHECK(container.running);
    CHECK(container.pid == 3085);
    CHECK(to_iso8601(*container.started_at) == "2026-11-29T22:12:01.8983515Z");
    CHECK(container.health == "healthy");
    CHECK(container.environment ==
          std::vector<std::string>{"DB_HOST=db", "SECRET=\"quoted\"\nsecond line"});
    CHECK(container.mounts ==
          std::vector<Mount>{{"/srv/mastodon/public/system", "/mastodon/public/system", true}});
    CHECK(container.networks ==
          std::vector<Network>{{"mastodon_internal", "172.18.0.2", {"web", "a1b2"}}});
    CHECK(container.project_directory == "/srv/mastodon");
    CHECK(container.compose_files == std::vector<fs::path>{"/srv/x/a.yml", "/srv/mastodon/b.yml"});
    CHECK(container.own_processes);
}

TEST_CASE("members of other types do not count") {
    const auto container = parse_inspection(R"({"Id": ")" + id + R"(",
        "State": {"Running": "yes", "Pid": -1, "StartedAt": 7, "Health": []}, "Config": 7,
        "HostConfig": {"PidMode": "host"}, "Mounts": {}, "NetworkSettings": {"Networks": []}})");
    CHECK_FALSE(container.running);
    CHECK(container.pid == 0);
    CHECK_FALSE(container.started_at);
    CHECK_FALSE(container.name);
    CHECK_FALSE(container.own_processes);
    CHECK(container.mounts.empty());
}

TEST_CASE("an instant may have an offset, and a container that never ran has none") {
    const auto started = [](const std::string& text) {
        return parse_inspection(R"({"Id": ")" + id + R"(", "State": {"StartedAt": ")" + text +
                                R"("}})")
            .started_at;
    };
    CHECK(started("2026-11-29T23:12:01.5+01:00") == started("2026-11-29T22:12:01.5Z"));
    CHECK(started("2026-11-29T22:12:01.5-02:30") == started("2026-11-30T00:42:01.5Z"));
    CHECK_FALSE(started("0001-01-01T00:00:00Z"));
    CHECK_FALSE(started("+01:00"));
}

TEST_CASE("the text of an error is one readable line, and short") {
    CHECK(error_text(R"({"message": "no such container: x"})") == "no such container: x");
    CHECK(error_text("<html>") == "it gives no reason");
    CHECK(error_text(R"({"message": "a\u001b[31m\nb"})").find('\n') == std::string::npos);
    CHECK(error_text(R"({"message": ")" + std::string(5000, 'x') + "\"}").size() < 400);
}

TEST_CASE("the main process is the first, or the only child of an init that passes signals on") {
    using Processes = std::vector<ContainerProcess>;
    const Processes with_init{{100, 100, 90, "/usr/bin/tini -- bundle exec sidekiq"},
                              {101, 101, 100, "sidekiq 7.3.9 mastodon [0 of 5 busy]"},
                              {102, 102, 101, "ffmpeg"}};
    CHECK(main_process(with_init, 100) == 101);
    // podman's numbers of parents are those of the container.
    CHECK(main_process({{500, 1, 0, "catatonit -P"}, {501, 2, 1, "sidekiq"}}, 500) == 501);
    CHECK(main_process({{100, 100, 90, "sh -c sidekiq"}, {101, 101, 100, "sidekiq"}}, 100) == 100);
    CHECK(main_process({{100, 100, 90, "tini"}, {1, 1, 100, "a"}, {2, 2, 100, "b"}}, 100) == 100);
    CHECK(main_process({{100, 100, 90, "dumb-init"}, {101, 101, 100, "sidekiq"}}, 100) == 100);
    CHECK(main_process({}, 100) == 100);
}
