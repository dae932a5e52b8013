// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/catch.hpp"
#include "units/container_name.hpp"
#include "units/record.hpp"

using namespace mastobak::units;

TEST_CASE("the name of a container is made of its labels") {
    const auto name = container_name("mastodon", "sidekiq", "2");
    REQUIRE(name);
    CHECK(name->to_string() == "mastodon/sidekiq/2.container");
    CHECK(parse_container_name(name->to_string()) == name);
    CHECK(container_name("my-project_2", "web.blue_1", "10"));
}

TEST_CASE("other texts are not names of containers") {
    for (const auto* text :
         {"", "mastodon-web.service", "a/b.container", "a/b/1", "a/b/1.container.container",
          "A/b/1.container", "/a/b/1.container", "a//1.container", "a/b/.container",
          "a/b/x.container", "a/b/1/2.container", "a/../1.container", "a/b c/1.container",
          "a/b\n/1.container", "a/b/1234567890.container", "a/-b/1.container", "a/*/1.container"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_container_name(text));
    }
    CHECK_FALSE(container_name(std::string(101, 'a'), "web", "1"));
}

TEST_CASE("the pattern of a service is that of all its containers, and of no unit") {
    const auto matches = [](const std::string& name, const std::string& service) {
        return matches_one(name, {pattern_of_service("mastodon", service)});
    };
    CHECK(matches("mastodon/sidekiq/1.container", "sidekiq*"));
    CHECK(matches("mastodon/sidekiq-mailers/12.container", "sidekiq*"));
    CHECK_FALSE(matches("mastodon/sidekiq-mailers/1.container", "sidekiq"));
    CHECK_FALSE(matches("other/sidekiq/1.container", "sidekiq"));
    CHECK(names_containers(pattern_of_service("mastodon", "web")));
    CHECK_FALSE(names_containers("mastodon-streaming@*.service"));
}
