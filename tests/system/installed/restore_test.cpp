// SPDX-License-Identifier: GPL-3.0-or-later
#include "installed_host.hpp"
#include "support/catch.hpp"

using mastobak::test::InstalledHost;

namespace {

constexpr auto psql = "psql -X -h /run/postgresql -U postgres -At ";
constexpr auto media = "/home/mastodon/live/public/system";

/// A host with a set, and what it was made of in /root/media and /root/rows.
struct BackedUpHost : InstalledHost {
    BackedUpHost() {
        REQUIRE(mastobak({"run", "--standalone", "--no-upload"}) == 0);
        sh(std::string("cp -a ") + media + " /root/media; rm -rf /root/media/cache; " + rows() +
           " > /root/rows");
    }
    static std::string rows() {
        return std::string(psql) +
               "-d mastodon_production -c 'SELECT id FROM media_attachments "
               "ORDER BY id'";
    }
};

/// A restore that goes on, as a service of its own, until it is let go or ended.
struct InterruptedHost : BackedUpHost {
    InterruptedHost() {
        sh(R"(install -d -m 1777 /run/held
            cd /usr/lib/postgresql/*/bin
            mv pg_restore pg_restore.real
            cat > pg_restore << 'SH'
#!/bin/sh
case "$*" in
*--dbname*) touch /run/held/restore; while test -e /run/held/restore; do sleep 0.1; done ;;
esac
exec "$0.real" "$@"
SH
            chmod 755 pg_restore)");
        sh("systemd-run --quiet --unit=restoring mastobak restore latest --replace --database");
        REQUIRE(eventually("test -e /run/held/restore"));
        REQUIRE_FALSE(web_runs());
    }
    bool web_runs() const { return exec({"systemctl", "is-active", "-q", "mastodon-web"}).ok(); }
    void let_go() const {
        sh("cd /usr/lib/postgresql/*/bin && mv pg_restore.real pg_restore; rm -rf /run/held");
    }
    std::string databases() const {
        return sh(std::string(psql) +
                  "-c \"SELECT count(*) FROM pg_database WHERE datname LIKE 'mastodon%'\"");
    }
};

}  // namespace

TEST_CASE_METHOD(InterruptedHost,
                 "a restore that is stopped starts Mastodon again, and leaves none") {
    sh("systemctl stop restoring");
    CHECK(mastodon_runs());
    CHECK(databases() == "1");
    let_go();
    CHECK(mastobak({"restore", "latest", "--replace"}) == 0);
    CHECK(mastodon_runs());
    CHECK(databases() == "2");
}

TEST_CASE_METHOD(InterruptedHost, "Mastodon runs again after a restore that was killed") {
    sh("systemctl kill --kill-whom=all --signal=KILL restoring");
    CHECK_FALSE(web_runs());
    start_daemon();
    CHECK(mastodon_runs());
}

TEST_CASE_METHOD(BackedUpHost, "a restore on Mastodon's own host stops it, and starts it again") {
    sh(std::string(psql) + "-d mastodon_production -c 'DELETE FROM media_attachments'");
    sh(std::string("rm -r ") + media + "/media_attachments");
    CHECK(mastobak({"restore", "--plan"}) == 0);
    // There is a database: refused before anything is stopped.
    const auto since = "systemctl show -P ActiveEnterTimestampMonotonic mastodon-web";
    const auto began = sh(since);
    CHECK(mastobak({"restore"}) == 15);
    CHECK(sh(since) == began);
    const auto restored = exec({"mastobak", "restore", "latest", "--replace"});
    INFO(restored.output << restored.error_tail);
    CHECK(restored.ok());
    CHECK(mastodon_runs());
    CHECK_FALSE(leftovers());
    sh(std::string("rsync -nciaHAX ") + "/root/media/ " + media + "/ | grep '^[<>c]f' && exit 1; " +
       rows() + " | diff - /root/rows");
}

TEST_CASE_METHOD(BackedUpHost, "a machine without anything is restored from a directory") {
    sh("cp -a /var/lib/mastobak/staging /root/copy; systemctl stop 'mastodon-*'");
    sh("rm -r /etc/mastobak /home/mastodon/live /etc/systemd/system/mastodon-*; systemctl "
       "daemon-reload");
    sh(std::string(psql) + "-c 'DROP DATABASE mastodon_production'");
    const auto restored =
        exec({"mastobak", "restore", "--from", "/root/copy", "--to", "/root/new"});
    INFO(restored.output << restored.error_tail);
    CHECK(restored.ok());
    sh("rsync -nciaHAX --delete /root/media/ /root/new/media/ | grep '^[<>c*]f' && exit 1; " +
       rows() + " | diff - /root/rows");
    sh("test -s /root/new/config/home/mastodon/live/.env.production");
}
