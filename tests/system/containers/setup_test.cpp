// SPDX-License-Identifier: GPL-3.0-or-later
// `mastobak setup` with a real dockerd, on a throwaway host.
#include <string>

#include "compose_host.hpp"
#include "support/catch.hpp"
#include "support/slow_pg_dump.hpp"

using namespace mastobak::test;

namespace {

bool shows(const std::string& text, const std::string& part) {
    UNSCOPED_INFO(text);
    return text.find(part) != std::string::npos;
}

constexpr auto setup = "mastobak setup --yes --force";

/// SQL as the administrator of the database's container.
std::string psql(const std::string& sql) {
    return "psql -XAtq -U postgres -d postgres -h $(docker inspect --format "
           "'{{.NetworkSettings.Networks.mastodon_internal.IPAddress}}' mastodon-db-1) -c \"" +
           sql + '"';
}

/// Makes a second project whose web is never started.
constexpr auto make_other_project = R"(
mkdir -p /srv/other/public; touch /srv/other/docker-compose.yml
docker create --name other-web-1 --env LOCAL_DOMAIN=other.example \
    --label com.docker.compose.project=other --label com.docker.compose.service=web \
    --label com.docker.compose.container-number=1 \
    --label com.docker.compose.project.working_dir=/srv/other \
    --label com.docker.compose.project.config_files=/srv/other/docker-compose.yml \
    mastodon:test bundle exec puma
)";

}  // namespace

TEST_CASE("setup finds the containers of Mastodon, and a night follows") {
    const ComposeHost host(ComposeHost::State::installed);
    const auto first = host.told("mastobak setup --yes --remote /mnt/offsite --run");
    CHECK(shows(first, "project      'mastodon' in /srv/mastodon (docker-compose.yml)"));
    CHECK(shows(first,
                "services     web: web; streaming: streaming; sidekiq: sidekiq, "
                "sidekiq-mailers"));
    CHECK(shows(first, "media        /srv/mastodon/public/system"));
    CHECK(shows(first, ":5432 (service 'db')"));
    CHECK(shows(first, "role         'mastobak' may read 'mastodon_production'"));
    CHECK(shows(first, "helper       mastobak-containers.socket listens"));
    CHECK(first.ends_with("\n0"));
    CHECK(host.eventually("ls /mnt/offsite/sets/*/manifest.json"));
    CHECK(host.runs_again());

    // The role of a database that is new is made again.
    host.sh(psql("DROP OWNED BY mastobak; DROP ROLE mastobak"));
    CHECK(host.status_of("mastobak check-config") != 0);
    CHECK(host.told("mastobak setup").ends_with("\n0"));

    // Where the server asks for passwords, Mastodon's own role is used.
    host.sh(
        "sed -i '/^host/d' /srv/mastodon/postgres/pg_hba.conf; printf '%s\\n' "
        "'host all mastodon all trust' 'host all all all scram-sha-256' "
        ">> /srv/mastodon/postgres/pg_hba.conf; docker kill --signal HUP mastodon-db-1");
    const auto second = host.told(setup);
    CHECK(shows(second, "role         Mastodon's own role 'mastodon' is used"));
    CHECK(second.ends_with("\n0"));
    CHECK(host.sh("grep -c '^database:' /etc/mastobak/mastobak.yaml || true") == "0");

    // A database that does not run makes no configuration.
    host.sh("docker stop mastodon-db-1; rm /etc/mastobak/mastobak.yaml");
    CHECK_FALSE(host.told("mastobak setup --yes").ends_with("\n0"));
    CHECK(host.status_of("test -e /etc/mastobak/mastobak.yaml") != 0);
}

TEST_CASE("setup asks which Mastodon is meant where there are several") {
    const ComposeHost host(ComposeHost::State::installed);
    host.sh(make_other_project);
    const auto several = host.told(setup);
    CHECK(shows(several,
                "several projects with a Mastodon: 'mastodon' in /srv/mastodon, 'other' in "
                "/srv/other"));
    CHECK(shows(several, "--project NAME"));
    CHECK(several.ends_with("\n2"));
    const auto named = host.told("mastobak setup --yes --compose /srv/mastodon/docker-compose.yml");
    CHECK(shows(named, "project      'mastodon'"));
    CHECK(named.ends_with("\n0"));
    CHECK(shows(host.told("mastobak setup --yes --project mastodon"), "would be ignored"));
    CHECK(shows(host.told(std::string(setup) + " --project nothing"),
                "there is no project 'nothing'"));
    CHECK(shows(host.told(std::string(setup) + " --project other"), "is not a mounted directory"));

    host.sh(
        "docker rm other-web-1; printf '[Service]\\nExecStart=/bin/sleep infinity\\n' "
        "> /etc/systemd/system/mastodon-web.service; systemctl start mastodon-web");
    const auto both = host.told(setup);
    CHECK(shows(both,
                "this host has Mastodon's units (mastodon-web.service) and projects of "
                "containers: 'mastodon' in /srv/mastodon"));
    CHECK(both.ends_with("\n2"));
    const auto asked = host.sh(
        "printf '%s\\n' nothing mastodon n | timeout 120 script -qec "
        "'mastobak setup --force' /dev/null || true");
    CHECK(shows(asked, "Which one is backed up? ('units', or the name of the project)"));
    CHECK(shows(asked, "there is no 'nothing' here"));
    CHECK(shows(asked, "project      'mastodon'"));
    CHECK(shows(asked, "stays unchanged"));
    CHECK(host.told(std::string(setup) + " --project mastodon").ends_with("\n0"));
}

TEST_CASE("setup says what keeps it from controlling containers") {
    const ComposeHost host(ComposeHost::State::installed);
    host.sh("chown mastobak /etc/mastobak");
    CHECK(shows(host.told("mastobak setup --yes"),
                "'/etc/mastobak' is not used for containers, because another user than root can "
                "write it"));
    host.sh("chown root /etc/mastobak");
    CHECK(host.status_of("test -e /etc/mastobak/mastobak.yaml") != 0);
    CHECK(shows(host.told("mastobak --config /root/m.yaml setup --yes"),
                "mastobak-containers.service reads no other"));

    host.sh("systemctl mask --now mastobak-containers.socket");
    CHECK(shows(host.told("mastobak setup --yes"), "mastobak-containers.socket does not start"));
    host.sh("systemctl unmask mastobak-containers.socket");
    CHECK(host.told("mastobak setup --yes").ends_with("\n0"));
}

TEST_CASE("a project in containers can be an instance beside others") {
    const ComposeHost host(ComposeHost::State::installed);
    host.sh(
        "cp -r /etc/systemd/system/mastobak.service.d "
        "/etc/systemd/system/mastobak@fedi.service.d; systemctl daemon-reload");
    const auto made = host.told(
        "mastobak --instance fedi setup --yes --project mastodon --remote /mnt/offsite --run");
    CHECK(shows(made, "helper       mastobak-containers@fedi.socket listens"));
    CHECK(shows(made, "published set"));
    CHECK(made.ends_with("\n0"));
    CHECK(host.runs_again());
    CHECK(host.sh("stat -c '%U %a' /run/mastobak-containers@fedi.sock") == "mastobak 600");
    CHECK(host.sh("systemctl is-enabled mastobak-containers@fedi.socket mastobak@fedi") ==
          "enabled\nenabled");
    CHECK(host.status_of("mastobak --instance fedi check-config") == 0);
    // The helper of the other instance serves nothing, because that has no configuration.
    CHECK(host.status_of("setpriv --reuid=mastobak --regid=mastobak --clear-groups curl -sf "
                         "--unix-socket /run/mastobak-containers.sock "
                         "'http://x/containers/json?all=true&filters=%7B%22label%22%3A%5B%22com."
                         "docker.compose.project%3Dmastodon%22%5D%7D'") != 0);
    CHECK(shows(host.told("mastobak setup --yes"),
                "'/etc/mastobak/fedi/mastobak.yaml' has the project 'mastodon' already"));
    // The containers run again after a power cut, also with a daemon of this name.
    host.sh(std::string(make_slow_pg_dump) +
            "echo 'consistency: offline' >> /etc/mastobak/fedi/mastobak.yaml; "
            "sed -i 's|^  user: mastobak|&\\n  bin_directory: /opt/slow|' "
            "/etc/mastobak/fedi/mastobak.yaml; systemctl reload mastobak@fedi; "
            "systemd-run -q mastobak --instance fedi run");
    REQUIRE(host.all_stopped());
    host.sh("sync");
    host.reboot();
    CHECK(host.runs_again());
    CHECK(host.eventually("! test -e /var/lib/mastobak@fedi/stopped-containers"));
}
