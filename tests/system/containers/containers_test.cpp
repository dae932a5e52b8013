// SPDX-License-Identifier: GPL-3.0-or-later
// Nights of a Mastodon in containers, on a throwaway host with a real dockerd. See make-compose-host.
#include <algorithm>
#include <string>
#include <vector>

#include "compose_host.hpp"
#include "core/json.hpp"
#include "support/catch.hpp"
#include "support/slow_pg_dump.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

// Mastodon is stopped for the whole dump, which waits as long as /run/held exists.
constexpr auto begin_held_night = R"(
echo 'consistency: offline' >> /etc/mastobak/mastobak.yaml
sed -i 's|^  user: mastobak|&\n  bin_directory: /opt/slow|' /etc/mastobak/mastobak.yaml
systemctl enable -q --now mastobak
systemd-run -q mastobak run
)";

constexpr auto run_restore_guide = R"(
for tag in variables check containers database-create database-list database-restore \
    database-check database-finish; do
    awk -v "tag=$tag" '$0 == "```sh " tag {on = 1; next} $0 == "```" {on = 0} on' RESTORE.md
done > /tmp/guide.sh
DATABASE=by_guide bash -euo pipefail /tmp/guide.sh 2>&1
)";

// The newest programs of the host are older than the server.
constexpr auto old_tools = R"(
install -d /opt/old
printf '#!/bin/sh\necho "pg_dump (PostgreSQL) 12.1"\n' > /opt/old/pg_dump
chmod 755 /opt/old/pg_dump
cp /opt/old/pg_dump /opt/old/pg_restore
echo 'database: {bin_directory: /opt/old}' >> /etc/mastobak/mastobak.yaml
)";

}  // namespace

TEST_CASE("a night of a Mastodon in containers, and its restore") {
    const ComposeHost host;
    REQUIRE(host.running_now() == running);
    REQUIRE(host.status_of("mastobak check-config") == 0);
    // PostgreSQL trusts its clients, so the daemon uses a role that may only read.
    CHECK(host.sh("grep -A 1 '^database:' /etc/mastobak/mastobak.yaml") ==
          "database:\n  user: mastobak");
    host.sh("systemctl start mastobak");
    REQUIRE(host.status_of("mastobak run") == 0);
    CHECK(host.running_now() == running);

    const auto set = host.only_set();
    const auto manifest = Json::parse(host.sh("cat " + set + "/manifest.json"));
    CAPTURE(manifest.dump(1));
    CHECK(manifest["consistent"] == true);
    std::vector<std::string> units;
    for (const auto& unit : manifest["units"]) units.push_back(unit["name"]);
    std::ranges::sort(units);
    CHECK(units ==
          std::vector<std::string>{"mastodon/sidekiq/1.container", "mastodon/sidekiq/2.container",
                                   "mastodon/streaming/1.container", "mastodon/web/1.container"});
    // The configuration of the project is in the set, and the media of the bind mount.
    const auto files = host.sh("tar --zstd -tf " + set + "/config.tar.zst");
    CHECK(files.find("srv/mastodon/.env.production") != std::string::npos);
    CHECK(files.find("srv/mastodon/docker-compose.yml") != std::string::npos);
    CHECK(host.sh("tar -tf /var/lib/mastobak/staging/media/*-0001.tar | wc -l") != "0");
    // sidekiq was quiet before it was stopped.
    const auto log = host.sh("journalctl -o cat -u mastobak");
    CHECK(log.find("quiet mastodon/sidekiq/1.container mastodon/sidekiq/2.container") !=
          std::string::npos);

    // The daemon's user reaches the helper, and not the engine; the helper serves no other user.
    CHECK(host.status_of("setpriv --reuid=mastobak --regid=mastobak --clear-groups "
                         "docker -H unix:///run/docker.sock ps") != 0);
    CHECK(host.sh("stat -c '%U %a' /run/mastobak-containers.sock") == "mastobak 600");
    CHECK(host.status_of("setpriv --reuid=mastobak --regid=mastobak --clear-groups curl -sf "
                         "--unix-socket /run/mastobak-containers.sock http://x/version") == 0);
    CHECK(host.status_of("setpriv --reuid=mastobak --regid=mastobak --clear-groups curl -sf "
                         "-X POST --unix-socket /run/mastobak-containers.sock "
                         "http://x/containers/create") != 0);
    CHECK(host.sh("journalctl -o cat -u mastobak-containers")
              .find("refused: POST "
                    "/containers/create") != std::string::npos);

    // The daemon's user must not choose what it may stop.
    host.sh("chown mastobak /etc/mastobak/mastobak.yaml");
    CHECK(host.status_of("mastobak check-config 2>&1 | grep -q 'because another user than root can "
                         "write it'") == 0);
    host.sh("chown root /etc/mastobak/mastobak.yaml");

    // The media is restored to where it is mounted from, while the containers are stopped.
    const std::string sums =
        "cd /srv/mastodon/public/system && find . -path ./cache -prune -o -type f -printf '%U "
        "%p\\n' "
        "-exec sha256sum {} + | sort | sha256sum";
    const auto before = host.sh(sums);
    host.sh("rm -rf /srv/mastodon/public/system/media_attachments");
    CHECK(host.sh(sums) != before);
    REQUIRE(host.status_of("mastobak restore latest --media --yes") == 0);
    CHECK(host.sh(sums) == before);
    CHECK(host.runs_again());

    // RESTORE.md needs neither mastobak nor a PostgreSQL of the host.
    REQUIRE(host.status_of("cd " + set + run_restore_guide) == 0);
    CHECK(host.sh("docker exec mastodon-db-1 psql -XAt -U postgres -d by_guide "
                  "-c 'SELECT count(*) FROM statuses'") ==
          host.sh("docker exec mastodon-db-1 psql -XAt -U postgres -d mastodon_production "
                  "-c 'SELECT count(*) FROM statuses'"));

    const auto address = host.sh(
        "docker inspect --format '{{.NetworkSettings.Networks.mastodon_internal.IPAddress}}' "
        "mastodon-db-1");
    REQUIRE(host.status_of("mastobak restore latest --database --database-url "
                           "postgresql://postgres@" +
                           address + "/restored") == 0);
    CHECK(host.sh("psql -XAt -h " + address +
                  " -U postgres -d restored -c 'SELECT count(*) FROM statuses'") ==
          host.sh("psql -XAt -h " + address +
                  " -U postgres -d mastodon_production -c 'SELECT count(*) FROM statuses'"));

    // After a restore into the database of the project, tootctl runs in a container.
    host.sh(
        "docker stop mastodon-web-1 mastodon-streaming-1 mastodon-sidekiq-1 mastodon-sidekiq-2");
    host.sh("psql -Xq -h " + address +
            " -U postgres -c 'DROP DATABASE mastodon_production WITH (FORCE)'");
    CHECK(host.sh("mastobak restore latest --database --database-url postgresql://postgres@" +
                  address + "/mastodon_production")
              .find("docker compose run --rm web bin/tootctl feeds build\n") != std::string::npos);
}

TEST_CASE("a night whose host has no pg_dump that is new enough runs that of the container") {
    // The server asks for a password, which is that of Mastodon's settings.
    const ComposeHost host(ComposeHost::State::configured, "--password");
    host.sh(old_tools);
    CHECK(
        host.sh("mastobak check-config | grep '^pg_dump '").find("in mastodon/db/1.container (") !=
        std::string::npos);
    CHECK(host.sh("mastobak check-config | grep '^warning '")
              .find("this host cannot restore the dump: ") != std::string::npos);
    host.sh("systemctl start mastobak");
    REQUIRE(host.status_of("mastobak run") == 0);
    CHECK(host.running_now() == running);
    const auto set = host.only_set();
    const auto manifest = Json::parse(host.sh("cat " + set + "/manifest.json"));
    CHECK(manifest["consistent"] == true);
    // A drill needs newer programs of the host, and says which.
    CHECK(host.status_of("mastobak drill latest > /run/drill 2>&1") != 0);
    const auto refusal = host.sh("cat /run/drill");
    CAPTURE(refusal);
    CHECK(refusal.find("hint: install the package postgresql-client-") != std::string::npos);
    host.sh("rm -r /opt/old; sed -i /^database:/d /etc/mastobak/mastobak.yaml");
    host.sh("systemctl restart mastobak");
    CHECK(host.status_of("mastobak drill latest") == 0);
}

TEST_CASE("a drill takes PostgreSQL from the image of the database when the host has none") {
    const ComposeHost host(ComposeHost::State::configured, "--image --password");
    // The database runs in its image, and does not see this.
    host.sh("mount -t tmpfs -o mode=755 tmpfs /usr/lib/postgresql");
    host.sh("systemctl start mastobak");
    // The host can drill, although it cannot restore.
    host.sh("sed -i '/^drill:/d' /etc/mastobak/mastobak.yaml");
    CHECK(host.status_of("mastobak check-config | grep '^warning ' | grep -q 'cannot drill'") != 0);
    CHECK(host.status_of("mastobak check-config | grep -q 'cannot restore the dump'") == 0);
    REQUIRE(host.status_of("mastobak run") == 0);
    const auto set = host.only_set();
    const auto manifest = Json::parse(host.sh("cat " + set + "/manifest.json"));
    const auto image = manifest["database"]["image"].get<std::string>();
    CHECK(host.sh("docker inspect --format '{{.Image}}' mastodon-db-1") == "sha256:" + image);
    // While a drill runs, its container has no network.
    host.sh(
        "systemd-run -q --unit=looker bash -c 'until docker inspect --format "
        "\"{{.HostConfig.NetworkMode}} {{.HostConfig.ReadonlyRootfs}} {{.Config.User}}\" "
        "mastobak-drill >/run/looked 2>/dev/null; do sleep 0.05; done'");
    const auto told = host.told("mastobak drill latest");
    CAPTURE(told, host.sh("journalctl -o cat -u mastobak -u mastobak-containers | tail -n 50"));
    CHECK(told.ends_with("\n0"));
    CHECK(told.find("(in image " + image.substr(0, 12) + ")") != std::string::npos);
    CHECK(told.find(" BAD ") == std::string::npos);
    CHECK(host.sh("cat /run/looked") ==
          "none true " + host.sh("id -u mastobak-drill") + ":" + host.sh("id -g mastobak-drill"));
    // Nothing of it is left, and nothing was refused.
    CHECK(host.sh("docker ps -aq --filter name=mastobak-drill").empty());
    CHECK(host.sh("ls /var/lib/mastobak-drill").empty());
    CHECK(host.sh("ls /var/lib/mastobak-drill.dump") == "turn");
    CHECK(host.sh("journalctl -o cat -u mastobak-containers").find("refused") == std::string::npos);
    CHECK(host.running_now() == running);
    // The user of the daemon may not use the directories of others.
    CHECK(host.sh("stat -c '%U %G %a' /var/lib/mastobak-drill.dump /run/mastobak-drill.image | "
                  "paste -sd ,") ==
          "mastobak mastobak-drill 710,mastobak-drill mastobak-drill 755");

    // A daemon that is killed in a drill leaves no server.
    host.sh("systemd-run -q mastobak drill latest");
    REQUIRE(host.eventually("test -S /run/mastobak-drill.image/.s.PGSQL.5432"));
    host.sh("systemctl kill --kill-whom=main --signal=KILL mastobak");
    CHECK(host.eventually("test -z \"$(docker ps -aq --filter name=mastobak-drill)\""));
    CHECK(host.sh("ls /var/lib/mastobak-drill").empty());
}

TEST_CASE("containers of a run that is killed while they are stopped run again") {
    const ComposeHost host;
    host.sh(std::string(make_slow_pg_dump) + begin_held_night);
    REQUIRE(host.all_stopped());
    CHECK(host.sh("wc -l < /run/mastobak/stopped-units") == "4");
    host.sh("systemctl kill --kill-whom=main --signal=KILL mastobak");
    CHECK(host.runs_again());
    CHECK(
        host.eventually("journalctl -o cat -u mastobak | grep -q \"started "
                        "'mastodon/web/1.container'\""));
    CHECK(host.eventually("! test -e /run/mastobak/stopped-units"));
    CHECK(host.eventually("! test -e /var/lib/mastobak/stopped-containers"));
    CHECK(host.sh("ls /var/lib/mastobak/staging/sets | wc -l") == "0");
}

TEST_CASE("containers run again after a power cut while they are stopped") {
    const ComposeHost host;
    host.sh(std::string(make_slow_pg_dump) + begin_held_night);
    REQUIRE(host.all_stopped());
    host.sh("sync");
    host.reboot();
    // The database has `restart: always`, the others `restart: unless-stopped`.
    CHECK(host.runs_again());
    CHECK(host.eventually("! test -e /var/lib/mastobak/stopped-containers"));
}
