// SPDX-License-Identifier: GPL-3.0-or-later
// The daemon is cancelled, stopped and reloaded in the moments in which that was once its end.

#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/installed_host.hpp"

using mastobak::test::has;
using mastobak::test::InstalledHost;

namespace {

std::string pid_of_daemon(const InstalledHost& host) {
    return host.sh("systemctl show -P MainPID mastobak");
}

}  // namespace

TEST_CASE("a run that is cancelled in its first moments is a cancelled run, and not the end") {
    const InstalledHost host;
    // With a change journal, a run begins with a look at Mastodon's settings, which wait here for a
    // server that does not answer. The journal needs another file system than the host's overlay.
    host.sh(R"sh(
        sed -i '/^media:/,/path:/d' /etc/mastobak/mastobak.yaml
        ! grep -q public/system /etc/mastobak/mastobak.yaml
        cd /home/mastodon/live/public; mv system was; install -d system
        mount -t tmpfs none system; cp -a was/. system
        printf '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n' > /opt/ssh; chmod 755 /opt/ssh
        cd /home/mastodon; install -d -o mastodon -g mastodon /srv/far env
        mv live/.env.production /srv/far; ln -s ../env/.env.production live
        chown -h mastodon: live/.env.production
        sshfs far:/srv/far env -o ssh_command=/opt/ssh,allow_other,dir_cache=no \
            -o uid=$(id -u mastodon),gid=$(id -g mastodon),attr_timeout=0,entry_timeout=0)sh");
    host.start_daemon();
    const auto daemon = pid_of_daemon(host);
    host.sh("kill -STOP $(pidof sftp-server)");
    const std::string call =
        "busctl call org.mastobak.Daemon1 /org/mastobak/Daemon1 org.mastobak.Daemon1 ";
    host.sh(call + "Start s ''; " + call + "Cancel s ''");
    host.sh("kill -CONT $(pidof sftp-server)");
    CHECK(host.eventually("journalctl -u mastobak -o cat | grep -q ' result='"));
    CHECK(pid_of_daemon(host) == daemon);
    const auto journal = host.journal();
    CHECK(journal.find("was cancelled by user") != std::string::npos);
    CHECK(journal.find("run ended:") == std::string::npos);
    CHECK(host.mastodon_runs());
    CHECK(host.mastobak({"run"}) == 0);
}

TEST_CASE("a daemon that is stopped while it starts units of a killed run ends after they run") {
    const InstalledHost host;
    host.sh(R"(
        sed -i '1i consistency: offline' /etc/mastobak/mastobak.yaml
        printf '[Service]\nExecStopPost=\nRestart=no\n' \
            > /etc/systemd/system/mastobak.service.d/alone.conf
        for unit in web sidekiq streaming@; do
            install -d /etc/systemd/system/mastodon-$unit.service.d
            printf '[Service]\nTimeoutStartSec=infinity\nExecStartPre=/bin/sh -c "%s"\n' \
                'while [ -e /run/slow ]; do sleep 0.1; done' \
                > /etc/systemd/system/mastodon-$unit.service.d/slow.conf
        done
        systemctl daemon-reload)");
    host.start_daemon();
    host.hold_dump();
    host.sh("mastobak run > /run/first 2>&1 & disown");
    REQUIRE(host.dump_is_held());
    host.sh("touch /run/slow; systemctl kill -s KILL mastobak; rm -r /run/held");
    REQUIRE(host.eventually("systemctl is-failed -q mastobak"));
    host.sh("systemctl start --no-block mastobak");
    REQUIRE(
        host.eventually("systemctl show -P ActiveState 'mastodon-*.service' | grep -q activating"));

    host.sh("systemctl stop --no-block mastobak");
    REQUIRE(host.eventually("journalctl -u mastobak -o cat | grep -q '^stopping'"));
    CHECK(host.sh("systemctl show -P ActiveState mastobak") == "deactivating");
    host.sh("rm /run/slow; timeout 60 systemctl stop mastobak");
    CHECK(host.sh("systemctl show -P Result mastobak") == "success");
    CHECK(host.mastodon_runs());
    CHECK(host.exec({"test", "-s", "/run/mastobak/stopped-units"}).exit_status == 1);
}

TEST_CASE("a reload whose uploads a full disk prevents ends neither the run nor the daemon") {
    const InstalledHost host;
    host.sh(
        "sed -i '1i consistency: offline' /etc/mastobak/mastobak.yaml; "
        "install -d -o mastobak -g mastobak -m 700 /var/lib/mastobak /var/lib/mastobak/queue; "
        "mount -t tmpfs -o nr_inodes=100,mode=700,uid=$(id -u mastobak) none "
        "/var/lib/mastobak/queue");
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    REQUIRE(host.eventually("mastobak status --json | jq -e '[.offsite[].queued] == [0]'"));
    const auto daemon = pid_of_daemon(host);
    host.hold_dump();
    host.sh("{ mastobak run; echo $? > /run/first; } > /dev/null 2>&1 & disown");
    REQUIRE(host.dump_is_held());

    host.sh(R"(mount -o remount,nr_inodes=1 /var/lib/mastobak/queue
        install -d -o mastobak -g mastobak /mnt/offsite/new
        printf '  - {name: new, type: directory, target: /mnt/offsite/new}\n' \
            >> /etc/mastobak/mastobak.yaml
        systemctl reload mastobak)");
    REQUIRE(host.eventually("journalctl -u mastobak -o cat | grep -q 'uploads cannot start'"));
    host.release_dump();
    CHECK(host.eventually("grep -qx 0 /run/first"));
    CHECK(host.mastodon_runs());
    CHECK(host.sets().size() == 2);
    CHECK(pid_of_daemon(host) == daemon);

    host.sh("mount -o remount,nr_inodes=100 /var/lib/mastobak/queue; systemctl reload mastobak");
    CHECK(host.eventually("test -e /mnt/offsite/new/sets/" + host.sets().back()));
}

TEST_CASE("a staging whose server does not answer does not keep the daemon from answering") {
    const InstalledHost host;
    // The protocol of sshfs, without a network. A stopped server is one that does not answer.
    host.sh(R"sh(
        printf '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n' > /opt/ssh; chmod 755 /opt/ssh
        staging=/var/lib/mastobak/staging
        install -d -o mastobak -g mastobak -m 700 /srv/far /var/lib/mastobak $staging
        sshfs far:/srv/far $staging -o ssh_command=/opt/ssh,allow_other,dir_cache=no \
            -o uid=$(id -u mastobak),gid=$(id -g mastobak),attr_timeout=0,entry_timeout=0)sh");
    host.start_daemon();
    const auto daemon = pid_of_daemon(host);
    host.sh("kill -STOP $(pidof sftp-server)");
    // It looks at the sets in staging after a reload, and for what a new remote lacks.
    host.sh(R"sh(
        install -d -o mastobak -g mastobak /mnt/offsite/new
        printf '  - {name: new, type: directory, target: /mnt/offsite/new}\n' \
            >> /etc/mastobak/mastobak.yaml
        timeout 30 systemctl reload mastobak
        for i in 1 2 3; do
            timeout 10 busctl get-property org.mastobak.Daemon1 /org/mastobak/Daemon1 \
                org.mastobak.Daemon1 State | grep -q new
        done)sh");
    host.sh("kill -CONT $(pidof sftp-server)");
    CHECK(pid_of_daemon(host) == daemon);
    CHECK(host.mastobak({"run"}) == 0);
}

TEST_CASE("a boot with a broken configuration is told, and all is well once it is mended") {
    const InstalledHost host;
    const std::string refused = "/etc/mastobak/mastobak.yaml:1: ";
    const auto status = [&host] { return host.sh("mastobak status 2>&1 || true"); };
    const auto state_of_unit = [&host] { return host.sh("systemctl status mastobak || true"); };
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    host.sh("systemctl -q enable mastobak");
    host.sh("sed -i '1i schedule: {daily_at: never}' /etc/mastobak/mastobak.yaml");
    SECTION("of a daemon that was reloaded before") {
        host.sh("systemctl reload mastobak");
        CHECK(host.eventually("systemctl status mastobak | grep -q UNHEALTHY"));
        CHECK(has(status(), refused));
        host.sh("sed -i 1d /etc/mastobak/mastobak.yaml; systemctl reload mastobak");
    }
    SECTION("of a host that has just booted") {
        host.reboot();
        CHECK(host.eventually("systemctl is-failed -q mastobak"));
        CHECK(has(state_of_unit(), "UNHEALTHY: no backup is made: " + refused));
        CHECK(host.mastobak({"status"}) == 3);
        CHECK(has(status(), "the configuration cannot be used: " + refused));
        host.sh("sed -i 1d /etc/mastobak/mastobak.yaml; systemctl reload-or-restart mastobak");
    }
    CHECK(host.eventually("mastobak status"));
    CHECK_FALSE(has(status(), refused));
    CHECK_FALSE(has(state_of_unit(), "UNHEALTHY"));
    CHECK(has(state_of_unit(), "active (running)"));
}
