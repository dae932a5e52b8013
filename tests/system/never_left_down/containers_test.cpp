// SPDX-License-Identifier: GPL-3.0-or-later
//
// Containers and an engine that others meddle with, on a real dockerd.
#include "core/json.hpp"
#include "night_host.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/has.hpp"

using namespace mastobak::test;
using mastobak::Json;

namespace {

bool is_consistent(const NightHost& host) {
    const auto set = host.directory / "staging/sets" / host.sets().back();
    return Json::parse(read(set / "manifest.json"))["consistent"].get<bool>();
}

}  // namespace

TEST_CASE("what other tools do with containers in a freeze is noticed, and mended") {
    NightHost host(false, false, in_containers());
    REQUIRE(host.night() == 0);
    CHECK(is_consistent(host));
    host.hold_night_at(host.number_of("snapshot"));
    REQUIRE(host.active().empty());
    SECTION("one that starts a container too early makes the set inconsistent") {
        host.sh("docker start mastodon-sidekiq-2");
        host.go_on();
        CHECK(host.end_of_night() == 0);
        CHECK(has(host.said(),
                  "'mastodon/sidekiq/2.container' was started while the backup was taken: database "
                  "and media may be of different instants"));
        CHECK_FALSE(is_consistent(host));
    }
    SECTION("also one that restarts it and stops it again") {
        host.sh("docker restart mastodon-web-1; docker stop mastodon-web-1");
        host.go_on();
        CHECK(host.end_of_night() == 0);
        CHECK(
            has(host.said(), "'mastodon/web/1.container' was started while the backup was taken"));
        CHECK_FALSE(is_consistent(host));
    }
    SECTION("a container that is replaced, as by Watchtower, is started by its new ID") {
        host.sh(
            "docker rename mastodon-streaming-1 old; docker create --name mastodon-streaming-1 "
            "$(docker inspect --format '{{range $name, $value := .Config.Labels}}--label "
            "{{$name}}={{$value}} {{end}}' old) --restart unless-stopped --volume /usr:/usr:ro "
            "mastodon:test sleep infinity; docker rm old");
        host.go_on();
        CHECK(host.end_of_night() == 0);
        CHECK(is_consistent(host));
    }
    CHECK(host.mastodon_runs());
    CHECK(host.sets().size() == 2);
}

TEST_CASE("a health check that fails after the start is critical") {
    NightHost host(false, false, in_containers());
    REQUIRE(host.night() == 0);
    CHECK_FALSE(has(host.said(), "health check fails"));
    host.hold_night_at(host.number_of("snapshot"));
    write(host.directory / "live/sick", "");
    host.go_on();
    CHECK(host.end_of_night() == 0);
    CHECK(has(host.said(),
              "'mastodon/web/1.container' runs, and its health check fails; hint: docker"));
    CHECK(host.mastodon_runs());
    CHECK(is_consistent(host));
}

TEST_CASE("a dockerd that dies while containers are stopped does no harm") {
    NightHost host(false, false, in_containers());
    REQUIRE(host.night() == 0);
    host.hold_night_at(host.number_of("snapshot"));
    REQUIRE(host.active().empty());
    host.sh("systemctl kill --kill-whom=main --signal=KILL docker; systemctl start docker");
    host.go_on();
    CHECK(host.end_of_night() == 0);
    CAPTURE(host.said());
    CHECK(host.mastodon_runs());
}

TEST_CASE("containers that an admin stops before their turn stay stopped") {
    NightHost host(false, false, in_containers());
    REQUIRE(host.night() == 0);
    host.hold_night_at(host.number_of("stop"));
    host.sh("docker stop mastodon-sidekiq-1");
    host.go_on();
    CHECK(host.end_of_night() == 0);
    host.running.erase("mastodon/sidekiq/1.container");
    CHECK(host.mastodon_runs());
}
