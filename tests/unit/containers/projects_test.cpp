// SPDX-License-Identifier: GPL-3.0-or-later
// Which containers are those of a Mastodon.
#include "containers/projects.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "unit/containers/container_id.hpp"

using namespace mastobak;
using namespace mastobak::containers;
namespace fs = std::filesystem;

namespace {}  // namespace

TEST_CASE("what a container of Mastodon does is known by its command, then by its service") {
    const auto role = [](std::vector<std::string> command, const char* service = "x",
                         const char* image = "local/thing") {
        Inspected container;
        container.command = std::move(command);
        container.image = image;
        container.name = units::container_name("p", service, "1");
        return role_of(container);
    };
    CHECK(role({"tini", "--", "bundle", "exec", "puma", "-C", "config/puma.rb"}) == Role::web);
    CHECK(role({"bash", "-c", "rm -f /x.pid; bundle exec rails s -p 3000"}) == Role::web);
    CHECK(role({"/opt/mastodon/bin/rails", "server"}) == Role::web);
    CHECK(role({"node", "./streaming"}) == Role::streaming);
    CHECK(role({"tini", "--", "node", "./streaming/index.js"}) == Role::streaming);
    CHECK(role({"bundle", "exec", "sidekiq", "-q", "default"}) == Role::sidekiq);
    CHECK(role({"sh", "-c", "exec bundle exec 'sidekiq'"}) == Role::sidekiq);
    CHECK_FALSE(role({"docker-entrypoint.sh", "postgres"}));
    CHECK_FALSE(role({"bundle", "exec", "rails", "db:migrate"}));
    CHECK_FALSE(role({"/init"}, "web"));
    CHECK_FALSE(role({}));
    constexpr auto image = "ghcr.io/glitch-soc/mastodon:latest";
    CHECK(role({"/init"}, "web", image) == Role::web);
    CHECK(role({"/init"}, "mastodon", image) == Role::web);
    CHECK(role({"/init"}, "sidekiq-mailers", image) == Role::sidekiq);
    CHECK(role({"/init"}, "streaming", image) == Role::streaming);
    CHECK_FALSE(role({"/init"}, "console", image));
}

TEST_CASE("projects have their containers, and one without web and sidekiq is none of Mastodon") {
    const auto container = [](const char* project, const char* service, const char* program,
                              const char* image = "mastodon") {
        Inspected one;
        one.id = id;
        one.name = units::container_name(project, service, "1");
        one.command = {program};
        one.image = image;
        one.project_directory = fs::path("/srv") / project;
        return std::pair<std::string, Inspected>(project, one);
    };
    const auto found = projects_of(
        {container("b", "web", "puma"), container("b", "cron", "crond"),
         container("b", "db", "postgres", "postgres:17"), container("a", "jobs", "sidekiq"),
         container("c", "streaming", "node"), container("d", "web", "puma", "chat"),
         container("e/..", "web", "puma"), container("f/..", "db", "postgres", "postgres")});
    REQUIRE(found.projects.size() == 2);
    CHECK(found.projects[0].name == "a");
    CHECK(found.projects[0].web.empty());
    CHECK(found.projects[0].sidekiq == std::vector<std::string>{"jobs"});
    CHECK(found.projects[1].name == "b");
    CHECK(found.projects[1].others == std::vector<std::string>{"cron"});
    CHECK(found.projects[1].directory == "/srv/b");
    REQUIRE(found.unusable.size() == 1);
    CHECK(found.unusable[0].find("its project is 'e/..'") != std::string::npos);
}
