// SPDX-License-Identifier: GPL-3.0-or-later
//
// The projects that setup finds, with real engines.
#include "daemon/setup/compose_project.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "core/error.hpp"
#include "daemon/setup/compose_configuration.hpp"
#include "support/catch.hpp"
#include "support/container_engine.hpp"
#include "support/has.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using Options = std::vector<std::string>;
using Kind = test::ContainerEngine::Kind;

/// A project of Mastodon's docker-compose.yml, whose containers are never started.
class ComposedMastodon {
 public:
    explicit ComposedMastodon(Kind kind = Kind::docker) : engine_(kind) {
        test::write(directory_ / "docker-compose.yml", "services: {}\n");
        fs::create_directories(directory_ / "public/system");
    }

    void add(const std::string& name, std::vector<std::string> command, Options more = {}) const {
        Options options{"--env=LOCAL_DOMAIN=example.org", "--env=DB_HOST=127.0.0.1",
                        "--workdir=/opt/mastodon"};
        for (auto& option : more) options.push_back(std::move(option));
        engine_.create_container(name, std::move(command), std::move(options));
    }
    Options labels(const std::string& directory) const {
        return {
            "--label=com.docker.compose.project.working_dir=" + directory,
            "--label=com.docker.compose.project.config_files=" + directory + "/docker-compose.yml"};
    }
    Options usual() const {
        auto options = labels(directory_.path());
        options.push_back("--volume=" + (directory_ / "public/system").native() +
                          ":/opt/mastodon/public/system");
        return options;
    }
    EnginesOfHost found() const { return look_at_engines({engine_.socket(), "/nonexistent"}); }
    EngineProject only() const {
        const auto engines = found();
        REQUIRE(engines.projects.size() == 1);
        return engines.projects.front();
    }
    const test::ContainerEngine& engine() const { return engine_; }
    const test::TemporaryDirectory& directory() const { return directory_; }

 private:
    test::TemporaryDirectory directory_;
    test::ContainerEngine engine_;
};

template <typename Work>
std::string complaint(Work work) {
    try {
        work();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

EngineProject project(const std::string& name, const fs::path& directory) {
    EngineProject one;
    one.project.name = name;
    one.project.directory = directory;
    one.project.files = {directory / "docker-compose.yml"};
    return one;
}

}  // namespace

TEST_CASE("the project of Mastodon is found by its labels, and its services by their commands") {
    const auto kind = GENERATE(Kind::docker, Kind::podman);
    const ComposedMastodon host(kind);
    host.add("fedi/front/1.container", {"bundle", "exec", "puma", "-C", "config/puma.rb"},
             host.usual());
    host.add("fedi/live/1.container", {"node", "./streaming/index.js"}, host.usual());
    host.add("fedi/jobs/1.container", {"bundle", "exec", "sidekiq"}, host.usual());
    host.add("fedi/jobs/2.container", {"bundle", "exec", "sidekiq"}, host.usual());
    host.add("fedi/mail/1.container", {"bundle", "exec", "sidekiq", "-q", "mailers"}, host.usual());
    // It has the same .env.production.
    host.add("fedi/db/1.container", {"docker-entrypoint.sh", "postgres"}, host.usual());
    // Another program with a sidekiq, and a container without a project.
    host.engine().create_container("chat/sidekiq/1.container", {"bundle", "exec", "sidekiq"});
    host.engine().docker({"create", host.engine().image(), "puma"});

    const auto chosen = host.only();
    CHECK(chosen.project.name == "fedi");
    CHECK(chosen.project.web == std::vector<std::string>{"front"});
    CHECK(chosen.project.streaming == std::vector<std::string>{"live"});
    CHECK(chosen.project.sidekiq == std::vector<std::string>{"jobs", "mail"});
    CHECK(chosen.project.directory == host.directory().path());

    const auto made = compose_configuration(chosen, "");
    const auto loaded = config::load_text(made.text, "x.yaml");
    INFO(made.text);
    CHECK(loaded.problems.empty());
    const auto& compose = loaded.config.mastodon.compose;
    CHECK(compose.project == "fedi");
    CHECK(compose.web == chosen.project.web);
    CHECK(compose.streaming == chosen.project.streaming);
    CHECK(compose.sidekiq == chosen.project.sidekiq);
    CHECK(compose.socket == host.engine().socket());
    CHECK(made.database.host == "127.0.0.1");
    CHECK(made.superuser == "postgres");
}

TEST_CASE("the usual names of services are not written into the configuration") {
    const ComposedMastodon host;
    host.add("mastodon/web/1.container", {"bash", "-c", "rm -f x; bundle exec rails s -p 3000"},
             host.usual());
    host.add("mastodon/sidekiq-mailers/1.container", {"bundle", "exec", "sidekiq"}, host.usual());
    const auto made = compose_configuration(host.only(), "");
    INFO(made.text);
    CHECK(made.text.find("services:") == std::string::npos);
    CHECK(made.text.find("media:") == std::string::npos);
}

TEST_CASE("media in an object store are left out of the configuration of a project") {
    const ComposedMastodon host;
    auto options = host.labels(host.directory().path());
    options.emplace_back("--env=S3_ENABLED=true");
    host.add("mastodon/web/1.container", {"bundle", "exec", "puma"}, options);
    CHECK(says(compose_configuration(host.only(), "").text, "media:\n  elsewhere: true\n"));
}

TEST_CASE("a project that cannot be backed up is one clear error") {
    const ComposedMastodon host;
    SECTION("its media are in the container") {
        host.add("mastodon/web/1.container", {"bundle", "exec", "puma"},
                 host.labels(host.directory().path()));
        const auto said = complaint([&] { compose_configuration(host.only(), ""); });
        CHECK(says(said,
                   "'/opt/mastodon/public/system' of 'mastodon/web/1.container' is not a "
                   "mounted directory or volume"));
    }
    SECTION("its files are not on this host") {
        host.add("mastodon/web/1.container", {"bundle", "exec", "puma"}, host.labels("/data/1"));
        const auto chosen = host.only();
        CHECK(says(complaint([&] { compose_configuration(chosen, ""); }),
                   "'/data/1', which the containers of 'mastodon' name as their directory"));
        const auto said =
            complaint([&] { compose_configuration(chosen, host.directory().path()); });
        CHECK_FALSE(says(said, "/data/1"));
    }
    SECTION("a path of its labels has a line break") {
        host.add("mastodon/web/1.container", {"bundle", "exec", "puma"}, host.labels("/srv/a\nb"));
        const auto said = complaint([&] { compose_configuration(host.only(), ""); });
        CHECK(says(said,
                   "com.docker.compose.project.working_dir of the project 'mastodon' has "
                   "control characters: '/srv/a\\x0ab'"));
        CHECK_FALSE(says(said, "\n"));
    }
    SECTION("its name is not one of a project") {
        host.engine().docker(
            {"create", "--env=LOCAL_DOMAIN=x.example", "--label=com.docker.compose.project=../a\n",
             "--label=com.docker.compose.service=web",
             "--label=com.docker.compose.container-number=1", host.engine().image(), "puma"});
        const auto engines = host.found();
        CHECK(engines.projects.empty());
        const auto said = complaint([&] { choose_project(engines, {}, {}, false); });
        CHECK(says(said, "its project is '../a\\x0a'"));
        CHECK_FALSE(says(said, "\n"));
        // Units are configured all the same.
        CHECK_FALSE(choose_project(engines, {}, {"mastodon-web.service"}, false));
    }
}

TEST_CASE("an engine that does not answer is reported unless units are found") {
    const ComposedMastodon host;
    host.engine().kill_engine();
    const auto engines = host.found();
    REQUIRE(engines.silent.size() == 1);
    CHECK(says(complaint([&] { choose_project(engines, {}, {}, false); }), "cannot be used"));
    CHECK_FALSE(choose_project(engines, {}, {"mastodon-web.service"}, false));
    host.engine().start_engine();
}

TEST_CASE("a project is chosen by its name or file, and only a clear choice is made") {
    const test::TemporaryDirectory directory;
    for (const auto* name : {"one", "two"})
        test::write(directory / name / "docker-compose.yml", "");
    EnginesOfHost engines;
    CHECK_FALSE(choose_project(engines, {}, {}, false));
    engines.projects.push_back(project("one", directory / "one"));
    CHECK(choose_project(engines, {}, {}, false)->project.name == "one");
    CHECK(says(complaint([&] { choose_project(engines, {}, {"mastodon-web.service"}, false); }),
               "Mastodon's units (mastodon-web.service) and projects of containers: 'one'"));
    engines.projects.push_back(project("two", directory / "two"));
    CHECK(says(complaint([&] { choose_project(engines, {}, {}, false); }), "several projects"));
    const auto chosen = [&](WantedMastodon wanted) {
        return choose_project(engines, wanted, {"mastodon-web.service"}, false)->project.name;
    };
    CHECK(chosen({.project = "two"}) == "two");
    CHECK(chosen({.compose = directory / "two"}) == "two");
    CHECK(chosen({.compose = directory / "two/docker-compose.yml"}) == "two");
    CHECK(says(complaint([&] { chosen({.compose = directory / "three"}); }), "does not exist"));
    CHECK(says(complaint([&] { chosen({.compose = directory.path()}); }),
               "there are no containers of a Mastodon"));
    CHECK(says(complaint([&] { chosen({.project = "three"}); }), "there is no project 'three'"));
}
