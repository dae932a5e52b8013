// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;
using nlohmann::json;

namespace {

json json_of(const InstalledHost& host, const std::string& command) {
    const auto result = host.exec({"bash", "-c", command});
    INFO(command << ": " << result.error_tail);
    return json::parse(result.output);
}

}  // namespace

TEST_CASE("from setup to a set off-site, and what the admin sees of it") {
    const InstalledHost host;
    CHECK(host.mastobak({"status"}) == 3);
    host.start_daemon();
    CHECK(host.mastobak({"status"}) == 2);

    const auto run = json_of(host, "mastobak run --json");
    REQUIRE(run.at("ok") == true);
    const auto set = run.at("set").get<std::string>();
    CHECK(host.sets() == std::vector{set});
    CHECK(host.mastodon_runs());
    CHECK(host.mastobak({"verify", "--all"}) == 0);
    CHECK(host.eventually("test -e /mnt/offsite/sets/" + set + "/manifest.json"));
    host.sh("diff -r /var/lib/mastobak/staging/sets /mnt/offsite/sets");
    host.sh("diff -r /var/lib/mastobak/staging/media /mnt/offsite/media");
    host.sh("diff -r /var/lib/mastobak/staging/database /mnt/offsite/database");

    CHECK(host.eventually("mastobak status"));
    const auto status = json_of(host, "mastobak status --json");
    CHECK(status["health"]["verdict"] == "healthy");
    CHECK(status["offsite"][0]["newest_set"] == set);
    CHECK(host.eventually("systemctl show -P StatusText mastobak | grep -q 'healthy; last set " +
                          set + " ..*downtime.*(stop .*sidekiq .*web .*next run'"));
    CHECK(json_of(host, "mastobak list --json")["sets"].size() == 1);
    CHECK(json_of(host, "mastobak show --json").at("set") == set);
    const auto shown = host.sh("mastobak show latest");
    CHECK(shown.find("PostgreSQL") != std::string::npos);
    CHECK(shown.find("of which stop ") != std::string::npos);
    const auto journal = host.journal();
    CHECK(journal.find("result=success set=" + set) != std::string::npos);
    CHECK(std::count(journal.begin(), journal.end(), '\n') < 25);
    // Only the daemon may read these files, because they contain secrets.
    CHECK(host.sh("find /var/lib/mastobak /mnt/offsite/sets /mnt/offsite/media "
                  "/mnt/offsite/database -perm /077 -not "
                  "-type l")
              .empty());
}

TEST_CASE("a second night copies only what is new") {
    const InstalledHost host;
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    host.sh(
        "install -D -o mastodon -m 644 /dev/stdin /home/mastodon/live/public/system/"
        "media_attachments/files/999/original/new.jpg <<< picture");
    REQUIRE(host.mastobak({"run"}) == 0);
    const auto manifest = json_of(host, "mastobak show --json");
    CHECK(manifest["media"]["new_files"] == 1);
    CHECK(manifest["media"]["packs"].size() == 2);
    CHECK(host.mastobak({"verify", "--all"}) == 0);
}

TEST_CASE("a file name of any bytes in a warning does not end the daemon") {
    const InstalledHost host;
    host.sh(R"(mkfifo $'/home/mastodon/live/public/system/a\nb\xff')");
    host.start_daemon();
    const auto run = json_of(host, "mastobak run --json");
    REQUIRE(run.at("ok") == true);
    CHECK(run.at("warnings").dump().find(R"('a\\x0ab\\xff' of the media is a device)") !=
          std::string::npos);
    CHECK(host.mastobak({"show"}) == 0);
    CHECK(host.sh("systemctl is-active mastobak").starts_with("active"));
    CHECK(host.mastobak({"run"}) == 0);
}

TEST_CASE("a damaged set and a dead remote are told by command, exit status and JSON") {
    const InstalledHost host;
    CHECK(host.mastobak({"verify", "--all"}) == 2);
    CHECK(host.mastobak({"check-config"}) == 0);
    REQUIRE(host.mastobak({"run", "--standalone"}) == 0);
    const auto set = host.sets().at(0);
    host.sh("printf x >> /var/lib/mastobak/staging/database/" + set + "-base.dump.zst");
    CHECK(host.mastobak({"verify", set}) == 18);
    const auto report = json_of(host, "mastobak verify --all --json || true").at(0);
    CHECK(report.at("set") == set);
    CHECK(report.at("ok") == false);
    CHECK(report.at("problems").dump().find("base.dump.zst") != std::string::npos);

    host.sh("rm -r /mnt/offsite");
    CHECK(host.mastobak({"check-config"}) == 19);
    const auto check = json_of(host, "mastobak check-config --json || true");
    CHECK(check.at("ok") == false);
    const auto& finding = check.at("findings").back();
    CHECK(finding.at("what") == "off-site 'disk'");
    CHECK(finding.at("text").get<std::string>().find("hint: ") != std::string::npos);
}

TEST_CASE("anybody may ask for the state, root and the group may control") {
    const InstalledHost host;
    host.sh("useradd stranger; useradd -G mastobak colleague");
    host.start_daemon();
    CHECK(host.eventually("runuser -u stranger -- mastobak status --json | grep -q next_run"));
    CHECK(host.exec({"runuser", "-u", "stranger", "--", "mastobak", "run"}).exit_status == 21);
    CHECK(host.sets().empty());
    CHECK(host.exec({"runuser", "-u", "colleague", "--", "mastobak", "run"}).exit_status == 0);
}

TEST_CASE("a second run is refused, and a run can be cancelled") {
    const InstalledHost host;
    host.start_daemon();
    host.hold_dump();
    host.sh("mastobak run > /run/first 2>&1 & echo $! > /run/first.pid; disown");
    REQUIRE(host.dump_is_held());
    CHECK(host.mastobak({"run"}) == 11);
    CHECK(host.mastobak({"prune"}) == 11);
    CHECK(host.exec({"bash", "-c", "mastobak run --standalone"}).exit_status == 11);
    CHECK(host.sh("systemctl show -P StatusText mastobak").find("running: dump") == 0);
    CHECK(host.mastobak({"cancel"}) == 0);
    CHECK(host.eventually("grep -q 'the run was cancelled by user .root.' /run/first"));
    CHECK(host.sh("mastobak cancel").starts_with("no run is in progress"));
    CHECK(host.mastodon_runs());
    CHECK(host.sets().empty());
    CHECK_FALSE(host.leftovers());
    // There is no set yet. The cancellation of a run by a user does not count as a failure.
    CHECK(host.mastobak({"status"}) == 2);
    host.release_dump();
    CHECK(host.mastobak({"run"}) == 0);
    CHECK(host.mastobak({"status"}) == 0);
}

TEST_CASE("SIGTERM in the middle of an offline run starts the units again") {
    const InstalledHost host;
    host.sh("sed -i '1i consistency: offline' /etc/mastobak/mastobak.yaml");
    host.start_daemon();
    host.hold_dump();
    host.sh("mastobak run > /run/first 2>&1 & disown");
    REQUIRE(host.dump_is_held());
    CHECK(host.sh("systemctl is-active mastodon-web || true") == "inactive");
    host.sh("timeout 60 systemctl stop mastobak");
    CHECK(host.sh("systemctl show -P Result mastobak") == "success");
    CHECK(host.mastodon_runs());
    CHECK_FALSE(host.leftovers());
    CHECK(host.sets().empty());
    CHECK(host.journal().find("was cancelled because the daemon was stopped") != std::string::npos);
}

TEST_CASE("a daemon that is killed while Mastodon is stopped leaves it running") {
    const InstalledHost host;
    host.sh("sed -i '1i consistency: offline' /etc/mastobak/mastobak.yaml");
    host.start_daemon();
    host.hold_dump();
    host.sh("mastobak run > /run/first 2>&1 & disown");
    REQUIRE(host.dump_is_held());
    host.sh("kill -KILL $(systemctl show -P MainPID mastobak)");
    CHECK(host.mastodon_runs());
    // Restart=on-failure restarts the daemon, which then reports the interruption.
    CHECK(host.eventually("mastobak status --json | grep -q 'in the middle of the run'"));
    host.release_dump();
    CHECK(host.mastobak({"run"}) == 0);
    CHECK_FALSE(host.leftovers());
}

TEST_CASE("a configuration that is loaded again counts, unless it is wrong") {
    const InstalledHost host;
    host.start_daemon();
    host.sh("sed -i '1i schedule: {daily_at: \"04:44\"}' /etc/mastobak/mastobak.yaml");
    host.sh("systemctl reload mastobak");
    CHECK(host.eventually("mastobak status | grep -q '^next run.* 04:44:00'"));
    // A progress bar on a terminal, with and without the daemon.
    for (const auto* command : {"mastobak run", "mastobak run --standalone"})
        CHECK(host.sh(std::string("script -qec '") + command + "' /run/typescript")
                  .find("\r\x1b[K") != std::string::npos);
    host.sh("sed -i '1s/.*/schedule: {daily_at: never}/' /etc/mastobak/mastobak.yaml");
    host.sh("systemctl reload mastobak");
    CHECK(host.eventually("journalctl -u mastobak -o cat | grep -q 'mastobak.yaml:1: '"));
    CHECK(host.eventually("systemctl show -P StatusText mastobak | grep -q 04:44:00"));
    CHECK(host.mastobak({"check-config"}) == 10);
    CHECK(
        host.eventually("systemctl status mastobak | grep -q 'UNHEALTHY: the changed "
                        "configuration was refused, and the old one is in force: .*yaml:1: '"));
    CHECK(host.mastobak({"status"}) == 1);
    // The same at a restart, as after a boot.
    host.sh("systemctl restart mastobak || true");
    CHECK(host.eventually("systemctl is-failed -q mastobak"));
    CHECK(host.sh("systemctl status mastobak || true")
              .find("UNHEALTHY: no backup is made: /etc/mastobak/mastobak.yaml:1: ") !=
          std::string::npos);
    CHECK(host.sh("mastobak status || test $? = 3")
              .find("the configuration cannot be used: /etc/mastobak/mastobak.yaml:1: ") !=
          std::string::npos);
}

TEST_CASE("a reload that adds remotes gives each its thread, and the newest set") {
    const InstalledHost host;
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    // One remote: the pool has the four threads that it has at least.
    const std::string threads = "ls /proc/$(systemctl show -P MainPID mastobak)/task | wc -l";
    REQUIRE(host.eventually("mastobak status --json | jq -e '[.offsite[].queued] == [0]'"));
    const auto before = std::stoi(host.sh(threads));
    host.sh(R"(for i in 2 3 4 5 6 7; do
            install -d -o mastobak -g mastobak /mnt/offsite/$i
            printf '  - name: disk%s\n    type: directory\n    target: /mnt/offsite/%s\n' $i $i
        done >> /etc/mastobak/mastobak.yaml)");
    host.sh("mastobak check-config; systemctl reload mastobak");
    REQUIRE(
        host.eventually("mastobak status --json | jq -e '[.offsite[] | select(.queued == 0 and "
                        ".newest_set != null)] | length == 7'"));
    CHECK(host.eventually("test $(" + threads + ") -ge " + std::to_string(before + 3)));
    for (int i = 2; i <= 7; ++i)
        CHECK(host.sh("ls /mnt/offsite/" + std::to_string(i) + "/sets") ==
              host.sh("ls /mnt/offsite/sets"));
}

TEST_CASE("one run follows when the machine was off at the hour of the backup") {
    const InstalledHost host;
    host.sh(
        R"(echo '{"known_since": "2020-01-01T00:00:00Z", "last_run": null, "last_success": null}' \
        > /var/lib/mastobak/history.json; chown mastobak: /var/lib/mastobak/history.json)");
    host.start_daemon();
    CHECK(host.eventually("mastobak status"));
    CHECK(host.journal().find("started by=catch-up") != std::string::npos);
    CHECK(host.sets().size() == 1);
}

TEST_CASE("a run without the daemon does the same, as the daemon's user") {
    const InstalledHost host;
    REQUIRE(host.mastobak({"run", "--standalone"}) == 0);
    REQUIRE(host.sets().size() == 1);
    CHECK(host.sh("find /var/lib/mastobak -not -user mastobak").empty());
    CHECK(host.exec({"test", "-e", "/mnt/offsite/sets/" + host.sets()[0] + "/manifest.json"}).ok());
    CHECK(host.mastodon_runs());
    host.start_daemon();
    CHECK(host.eventually("mastobak status"));
}

TEST_CASE("a daemon whose staging cannot be written runs, says so, and goes on when it can") {
    const InstalledHost host;
    // A file system on which no file can be created.
    host.sh(
        "install -d -o mastobak /var/lib/mastobak/staging; "
        "mount -t tmpfs -o nr_inodes=1,mode=700,uid=$(id -u mastobak) none "
        "/var/lib/mastobak/staging");
    host.start_daemon();
    CHECK(
        host.eventually("systemctl show -P StatusText mastobak | "
                        "grep -q '^UNHEALTHY: staging cannot be used: '"));
    CHECK(host.mastobak({"status"}) == 1);
    CHECK(host.mastobak({"run"}) == 17);
    CHECK(host.mastodon_runs());
    host.sh("mount -o remount,nr_inodes=10000 /var/lib/mastobak/staging");
    CHECK(host.mastobak({"run"}) == 0);
    CHECK(host.eventually("mastobak status"));
}

TEST_CASE("rclone and rsync copy from within the sandbox of the daemon") {
    const InstalledHost host;
    host.sh(R"sh(set -euo pipefail
        install -d -o mastobak /mnt/rclone /mnt/rsync
        install -d -m 700 -o mastobak /etc/mastobak/ssh
        printf '[disk]\ntype = alias\nremote = /mnt/rclone\n' > /etc/mastobak/rclone.conf
        ssh-keygen -q -t ed25519 -N '' -f /etc/mastobak/ssh/id_ed25519
        ssh-keygen -q -t ed25519 -N '' -f /run/host_key
        cp /etc/mastobak/ssh/id_ed25519.pub /run/authorized_keys
        echo "[127.0.0.1]:2222 $(cut -d' ' -f1,2 /run/host_key.pub)" > /etc/mastobak/ssh/known_hosts
        chown -R mastobak: /etc/mastobak/ssh /etc/mastobak/rclone.conf
        chmod 600 /etc/mastobak/rclone.conf
        mkdir -p /run/sshd
        systemd-run --quiet --unit=sshd-2222 /usr/sbin/sshd -D -e -f /dev/null -p 2222 \
            -o ListenAddress=127.0.0.1 -o HostKey=/run/host_key -o StrictModes=no \
            -o AuthorizedKeysFile=/run/authorized_keys -o PidFile=none
        sed -i 's|^ReadWritePaths=.*|& /mnt/rclone|' \
            /etc/systemd/system/mastobak.service.d/offsite.conf
        systemctl daemon-reload
        cat >> /etc/mastobak/mastobak.yaml <<YAML
  - {name: cloud, type: rclone, target: "disk:"}
  - {name: friend, type: rsync, target: "root@127.0.0.1:/mnt/rsync", port: 2222}
YAML
    )sh");
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    const auto manifest = "/sets/" + host.sets().at(0) + "/manifest.json";
    for (const auto* place : {"/mnt/rclone", "/mnt/rsync"}) {
        INFO(place << '\n' << host.journal());
        CHECK(host.eventually("test -e " + (place + manifest)));
    }
    for (const auto* from : {"cloud", "friend", "disk"}) {
        INFO(from);
        CHECK(host.sh(std::string("mastobak browse latest --from ") + from + " | wc -l") != "0");
    }
}
