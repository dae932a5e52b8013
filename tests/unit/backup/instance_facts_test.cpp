// SPDX-License-Identifier: GPL-3.0-or-later
// What the settings of a container mean on the host.
#include "backup/instance_facts.hpp"

#include "backup/database/database_settings.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::backup;
namespace fs = std::filesystem;

namespace {

containers::Inspected container(const std::string& service, const std::string& address) {
    containers::Inspected made;
    made.id = std::string(64, 'a');
    made.name = units::ContainerName{"mastodon", service, "1"};
    made.running = true;
    made.network_mode = "mastodon_internal";
    made.networks = {{"mastodon_internal", address, {service, "alias-of-" + service}}};
    return made;
}

/// An instance in containers, as docker-compose.yml of Mastodon makes it.
struct Compose {
    test::TemporaryDirectory directory;
    config::Config config;
    InstanceFacts facts;

    Compose() {
        config.mastodon.compose.project = "mastodon";
        auto web = container("web", "172.18.0.3");
        web.working_directory = "/opt/mastodon";
        web.user = "mastodon";
        web.project_directory = directory.path();
        web.environment = {"DB_HOST=db", "DB_USER=postgres", "DB_PASS=\"quoted\"",
                           "SECRET_KEY_BASE=x=y"};
        web.mounts = {{"/srv/mastodon/public/system", "/mastodon/public/system", true},
                      {"/srv/sockets", "/run/postgresql", true}};
        facts.compose =
            ComposeFacts{.mastodon = web, .project = {web, container("db", "172.18.0.2")}};
    }

    containers::Inspected& web() { return facts.compose->mastodon; }
    mastodon::Instance found() const { return find_instance(config, facts); }
};

}  // namespace

TEST_CASE("the settings are those of the container, verbatim") {
    Compose compose;
    test::write(compose.directory / ".env.production", "DB_HOST=elsewhere\n");
    test::write(compose.directory / ".env.local", "");
    const auto instance = compose.found();
    CHECK(instance.environment.at("DB_PASS") == "\"quoted\"");
    CHECK(instance.environment.at("SECRET_KEY_BASE") == "x=y");
    CHECK(instance.directory == compose.directory.path());
    CHECK(instance.env_files_read == std::vector<fs::path>{compose.directory / ".env.local",
                                                           compose.directory / ".env.production"});
}

TEST_CASE("the database is at the address of its container") {
    Compose compose;
    const auto host = [&] { return database_settings(compose.config, compose.found()).host; };
    CHECK(host() == "172.18.0.2");
    compose.web().environment = {"DB_HOST=alias-of-db"};
    CHECK(host() == "172.18.0.2");
    compose.web().environment = {"DB_HOST=db.example.org"};
    CHECK(host() == "db.example.org");
    compose.web().environment = {"DB_HOST=/run/postgresql"};
    CHECK(host() == "/srv/sockets");
    compose.web().environment = {"DATABASE_URL=postgresql://mastodon:db@db:5432/db"};
    CHECK(host() == "172.18.0.2");
    compose.web().environment = {"DATABASE_URL=postgresql://mastodon@dbx/db"};
    CHECK(host() == "dbx");
    compose.web().environment = {"DATABASE_URL=postgresql://alias-of-db"};
    CHECK(host() == "172.18.0.2");
    compose.web().environment = {"DATABASE_URL=postgresql://mastodon@[fd00::1]:5432/db"};
    CHECK(host() == "fd00::1");
    compose.web().environment = {"DATABASE_URL=", "PRIMARY_DATABASE_URL=x", "DB_HOST=db"};
    CHECK_NOTHROW(compose.found());
    compose.web().environment = {"DATABASE_URL=postgresql://mastodon@dbx/db"};
    compose.config.database.host = "10.0.0.1";
    CHECK(host() == "10.0.0.1");
}

TEST_CASE("an address in a shared network is preferred, and a container of the host is here") {
    Compose compose;
    auto& db = compose.facts.compose->project.back();
    db.networks.insert(db.networks.begin(), {"other", "10.9.9.9", {"db"}});
    CHECK(address_on_host("db", *compose.facts.compose) == "172.18.0.2");
    db.network_mode = "host";
    CHECK(address_on_host("db", *compose.facts.compose) == "127.0.0.1");
    db.running = false;
    CHECK(address_on_host("db", *compose.facts.compose) == "db");
    compose.web().network_mode = "host";
    db.running = true;
    CHECK(address_on_host("db", *compose.facts.compose) == "db");
}

TEST_CASE("media is what is mounted at the directory of the media, by both names of it") {
    Compose compose;
    const auto media = [&] { return mastodon::media_root(compose.found()); };
    CHECK(media() == "/srv/mastodon/public/system");
    compose.web().mounts.front().destination = "/opt/mastodon/public/system/";
    CHECK(media() == "/srv/mastodon/public/system");
    compose.web().environment.emplace_back("PAPERCLIP_ROOT_PATH=/media/");
    CHECK_THROWS_WITH(media(), Catch::Matchers::StartsWith(
                                   "the media directory '/media/' of 'mastodon/web/1.container' is "
                                   "not a mounted directory or volume"));
    compose.web().mounts.front().destination = "/media";
    CHECK(media() == "/srv/mastodon/public/system");
    // A directory above it does not count: Mastodon's user may have put a symlink there.
    compose.web().mounts.front().destination = "/";
    CHECK_THROWS_AS(media(), Error);
}
