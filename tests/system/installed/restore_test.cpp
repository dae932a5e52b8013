// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;
using nlohmann::json;

namespace {

constexpr auto psql = "psql -X -h /run/postgresql -U postgres -At ";
constexpr auto live_media = "/home/mastodon/live/public/system";

/// A host with a set, and its original media and rows in /root/media and /root/rows.
struct BackedUpHost : InstalledHost {
    BackedUpHost() {
        REQUIRE(mastobak({"run", "--standalone", "--no-upload"}) == 0);
        sh(std::string("cp -a ") + live_media + " /root/media; rm -rf /root/media/cache; " +
           rows() + " > /root/rows");
    }
    static std::string rows() {
        return std::string(psql) +
               "-d mastodon_production -c 'SELECT id FROM media_attachments "
               "ORDER BY id'";
    }
};

// An sshd, its key, and an rclone section for it.
constexpr auto ssh_to_itself = R"sh(
install -d -m 700 /root/.ssh /etc/mastobak/ssh && install -d /run/sshd
cd /etc/mastobak/ssh
ssh-keygen -q -t ed25519 -N '' -f /run/sshd/host
ssh-keygen -q -t ed25519 -N '' -f id_ed25519
cp id_ed25519.pub /run/sshd/authorized_keys
echo "127.0.0.1 $(cut -d' ' -f1,2 /run/sshd/host.pub)" > known_hosts
cat > /etc/mastobak/rclone.conf << 'END'
[box]
type = sftp
host = 127.0.0.1
user = root
key_file = /etc/mastobak/ssh/id_ed25519
known_hosts_file = /etc/mastobak/ssh/known_hosts
END
systemd-run --quiet --unit=box /usr/sbin/sshd -D -f /dev/null -oHostKey=/run/sshd/host \
    -oAuthorizedKeysFile=/run/sshd/authorized_keys -oStrictModes=no -oUsePAM=no \
    -oPidFile=none -oListenAddress=127.0.0.1 -oSubsystem='sftp internal-sftp'
timeout 30 bash -c 'until (exec 3<>/dev/tcp/127.0.0.1/22) 2>/dev/null; do sleep 0.1; done'
)sh";

/// A restore that runs as a service, and waits until a test continues or ends it.
struct InterruptedHost : BackedUpHost {
    InterruptedHost() {
        sh(R"(install -d -m 1777 /run/held
            cd /usr/lib/postgresql/*/bin
            mv pg_restore pg_restore.real
            cat > pg_restore << 'SH'
#!/bin/sh
case "$*" in
*--dbname*) while test -e /run/held; do sleep 0.1; done ;;
esac
exec "$0.real" "$@"
SH
            chmod 755 pg_restore)");
        sh("systemd-run --quiet --unit=restoring mastobak restore latest --replace --database");
        REQUIRE(eventually("pgrep -f '[p]g_restore .*--dbname'"));
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
    CHECK(mastobak({"restore", "latest", "--replace", "--yes"}) == 0);
    CHECK(mastodon_runs());
    CHECK(databases() == "2");
}

TEST_CASE_METHOD(
    InterruptedHost,
    "Mastodon runs again after a restore that was killed, and the next one tidies up") {
    const auto scratch = "ls /var/tmp | grep -cxE 'mastobak-[[:alnum:]]{6}' || true";
    sh("systemctl kill --kill-whom=all --signal=KILL restoring");
    CHECK_FALSE(web_runs());
    CHECK(databases() == "2");
    CHECK(sh(scratch) == "1");
    start_daemon();
    CHECK(mastodon_runs());
    let_go();
    CHECK(mastobak({"restore", "latest", "--replace", "--yes"}) == 0);
    CHECK(mastodon_runs());
    CHECK(databases() == "2");  // the new one and the replaced one
    CHECK(sh(scratch) == "0");
}

TEST_CASE_METHOD(BackedUpHost, "a restore on Mastodon's own host stops it, and starts it again") {
    sh(std::string(psql) + "-d mastodon_production -c 'DELETE FROM media_attachments'");
    sh(std::string("rm -r ") + live_media + "/media_attachments");
    CHECK(mastobak({"restore", "--plan", "--replace"}) == 0);
    // Reasons to refuse a restore are also errors of the plan, after the plan is printed.
    sh("mastobak restore --plan >/root/plan 2>/root/refused || test $? = 15");
    sh("grep -q \"^room for database: at most .* in '/\" /root/plan");
    sh("grep -q 'already exists, and is not empty' /root/refused");
    sh("(mastobak restore --plan || true) 2>&1 | tail -n 1 | grep -q 'already exists'");
    const auto refusal = json::parse(sh("mastobak restore --plan --json 2>/dev/null || true"));
    CHECK(refusal.at("ok") == false);
    CHECK(refusal.at("problems").at(0).at("code") == "database");
    const auto wrong = exec({"mastobak", "restore", "--plan", "--before", "2026-11-22T99:99"});
    CHECK(wrong.exit_status == 2);
    CHECK(wrong.error_tail.starts_with("mastobak: '2026-11-22T99:99' is not a date; hint:"));
    // The database exists, so the restore is refused before Mastodon is stopped.
    const auto since = "systemctl show -P ActiveEnterTimestampMonotonic mastodon-web";
    const auto began = sh(since);
    CHECK(mastobak({"restore"}) == 15);
    CHECK(sh(since) == began);
    // Without a terminal, and with the answer "no", nothing changes.
    for (const auto* everything : {"", " --database --media --config-files"}) {
        const auto unasked = sh(std::string("mastobak restore latest --replace") + everything +
                                " 2>&1 < /dev/null || test $? = 2");
        CHECK(unasked ==
              "mastobak: this restore asks before it stops Mastodon and replaces the existing "
              "database, and there is no terminal to ask on; hint: --yes does it without a "
              "question; --plan says what it would do");
    }
    const auto declined =
        sh("echo n | script -qec 'mastobak restore latest --replace' /dev/null || test $? = 12");
    CHECK(declined.find("which stops Mastodon and replaces the existing database? [y/N]") !=
          declined.npos);
    CHECK(sh(since) == began);
    // One file is restored without a question.
    const auto one =
        sh(std::string("cd /root/media && find media_attachments -type f | sort | "
                       "head -n 1"));
    CHECK(mastobak({"restore", "latest", "--media", one}) == 0);
    CHECK(sh(std::string("cmp /root/media/") + one + " " + live_media + "/" + one) == "");
    CHECK(sh(since) == began);
    const auto restored = exec({"mastobak", "restore", "latest", "--replace", "--yes"});
    INFO(restored.output << restored.error_tail);
    CHECK(restored.ok());
    CHECK(mastodon_runs());
    CHECK_FALSE(leftovers());
    sh(std::string("rsync -nciaHAX ") + "/root/media/ " + live_media +
       "/ | grep '^[<>c]f' && exit 1; " + rows() + " | diff - /root/rows");
    // The database names files of other servers. Missing ones are to be fetched again.
    const std::string again = "mastobak restore latest --database --replace --yes 2>&1";
    sh(std::string("runuser -u mastodon -- install -D /dev/null ") + live_media + "/cache/one");
    CHECK(sh(again).find("tootctl media remove") == std::string::npos);
    sh(std::string("rm -r ") + live_media + "/cache");
    CHECK(sh(again).find("tootctl media remove --days 0") != std::string::npos);
}

TEST_CASE_METHOD(BackedUpHost, "a machine without anything is restored from any place") {
    // The machine has only what the README says to keep elsewhere.
    const std::string from = GENERATE("/root/copy", "rclone:box:copy", "rsync:root@127.0.0.1:copy");
    CAPTURE(from);
    sh("cp -a /var/lib/mastobak/staging /root/copy; systemctl stop 'mastodon-*'; "
       "cp /var/lib/mastobak/signing.pub /root/kept.pub");
    sh("rm -r /etc/mastobak /home/mastodon/live /etc/systemd/system/mastodon-* "
       "/var/lib/mastobak; systemctl daemon-reload");
    sh(std::string(psql) + "-c 'DROP DATABASE mastodon_production' -c 'DROP ROLE mastodon'");
    if (from != "/root/copy") sh(ssh_to_itself);
    const auto refused = exec({"mastobak", "restore", "--from", from, "--to", "/root/new"});
    CHECK_FALSE(refused.ok());
    CHECK(refused.error_tail.find("--public-key") != std::string::npos);
    const auto restored = exec({"mastobak", "restore", "--from", from, "--public-key",
                                "/root/kept.pub", "--to", "/root/new"});
    INFO(restored.output << restored.error_tail);
    CHECK(restored.ok());
    sh("rsync -nciaHAX --delete /root/media/ /root/new/media/ | grep '^[<>c*]f' && exit 1; " +
       rows() + " | diff - /root/rows");
    sh("test -s /root/new/config/home/mastodon/live/.env.production");
}

TEST_CASE_METHOD(BackedUpHost, "after a restore on a new machine, a backup runs without a reboot") {
    sh("cp -a /var/lib/mastobak/staging /root/copy; systemctl stop 'mastodon-*'; "
       "cp /var/lib/mastobak/signing.pub /root/kept.pub");
    // The state after the installation of Mastodon and mastobak. Users have other IDs.
    sh("rm -r /etc/mastobak /var/lib/mastobak /home/mastodon/live/public "
       "/home/mastodon/live/.env.production; usermod -u 4321 mastodon; groupmod -g 4321 mastodon; "
       "chown -R mastodon: /home/mastodon");
    sh(std::string(psql) + "-c 'DROP DATABASE mastodon_production'");
    // Run by a root whose umask gives others no access.
    const auto restored =
        exec({"bash", "-c",
              "umask 077; mastobak restore --from /root/copy --public-key /root/kept.pub "
              "--in-place --force --yes"});
    INFO(restored.output << restored.error_tail);
    REQUIRE(restored.ok());
    CHECK(sh("stat -c '%U %a' /home/mastodon/live/public") == "mastodon 755");
    CHECK(restored.output.find("but what was restored is") == restored.output.npos);
    // Mastodon owns all files that root has restored.
    CHECK(sh("find /home/mastodon/live/public/system /home/mastodon/live/.env.production -not "
             "-user mastodon") == "");
    sh("runuser -u mastodon -- mkdir /home/mastodon/live/public/system/cache");
    sh("systemctl daemon-reload; systemctl start mastodon-web mastodon-sidekiq "
       "mastodon-streaming mastodon-streaming@4001");
    sh("umask 077; mastobak setup");
    start_daemon();
    CHECK(mastobak({"run"}) == 0);
    CHECK(mastodon_runs());
}

TEST_CASE_METHOD(BackedUpHost, "RESTORE.md restores it all on a machine without mastobak") {
    sh("cp -a /var/lib/mastobak/staging /root/copy; systemctl stop 'mastodon-*'");
    sh("test -x /usr/bin/mastobak && rm -r /usr/bin/mastobak /etc/mastobak /var/lib/mastobak");
    // The state after the installation of Mastodon and PostgreSQL.
    sh("rm -r /home/mastodon/live/public/system /home/mastodon/live/.env.production");
    sh(std::string(psql) + "-c 'DROP DATABASE mastodon_production' -c 'DROP ROLE mastodon'");
    // Runs all commands unchanged, except alternatives.
    sh("cd /root/copy/sets/* && awk '/^```$/ { on = 0 } on { print } /^```sh / { on = $2 != "
       "\"database-restore-parallel\" }' RESTORE.md > /root/commands");
    // Debian's pg_hba.conf, in a directory that PostgreSQL's user cannot enter.
    sh("cp -a /srv/pg/pg_hba.conf /root/hba; printf '%s\n' 'local all all peer' "
       "'host all all 127.0.0.1/32 scram-sha-256' > /srv/pg/pg_hba.conf; "
       "systemctl reload postgresql-test; chmod 700 /root/copy/sets/*");
    sh("cd /root/copy/sets/* && bash -euo pipefail /root/commands 2> /root/errors");
    sh("! grep 'could not change directory' /root/errors");
    sh("cp -a /root/hba /srv/pg/pg_hba.conf; systemctl reload postgresql-test");
    const std::string env = "/home/mastodon/live/.env.production";
    sh("cp -a /root/mastodon-config" + env + " " + env +
       " && systemctl start mastodon-web mastodon-sidekiq mastodon-streaming "
       "mastodon-streaming@4001");
    CHECK(mastodon_runs());
    sh("rsync -nciaHAX --delete /root/media/ " + std::string(live_media) +
       "/ | grep '^[<>c*]f' && exit 1; " + rows() + " | diff - /root/rows");
}

TEST_CASE_METHOD(BackedUpHost, "parts of a set are restored from a remote where staging is empty") {
    sh("cp -a /var/lib/mastobak/staging/. /mnt/offsite; rm -r /var/lib/mastobak/staging/sets/*");
    const auto set = sh("ls /mnt/offsite/sets");
    const auto since = "systemctl show -P ActiveEnterTimestampMonotonic mastodon-web";
    const auto began = sh(since);

    const auto plan = sh("mastobak restore --plan --json --replace 2> /root/said");
    CHECK(plan.find("\"from\": \"remote 'disk'\"") != plan.npos);
    CHECK(plan.find("\"repair_remote_media\": true") !=
          plan.npos);  // neither requested nor refused
    CHECK(plan.find("\"stop\": [\n    \"mastodon-") != plan.npos);
    sh("grep -q \"there is no backup set in '/var/lib/mastobak/staging'; taking set '" + set +
       "' from remote 'disk'\" /root/said");
    sh("mastobak restore --before 2100-01-01 --plan --replace | grep -q \"^set '" + set + "'\"");
    CHECK(mastobak({"restore", "--before", "2000-01-01", "--plan"}) == 2);

    // A restore beside the live database stops no unit. It reports settings that name the live one.
    const auto printed = sh("mastobak restore --database other --no-repair-remote-media");
    CHECK(sh(since) == began);
    const auto rows = "-c \"SELECT count(*) FROM accounts WHERE avatar_file_name IS NOT NULL\"";
    CHECK(sh(std::string(psql) + "-d other " + rows) ==
          sh(std::string(psql) + "-d mastodon_production " + rows));
    CHECK(printed.find("tootctl") == printed.npos);  // it would change the live database
    CHECK(printed.find(".env.production') name database 'mastodon_production' at this host:5432, "
                       "but what was restored is database 'other'") != printed.npos);

    const auto user =
        sh(std::string(psql) +
           "-d mastodon_production -c \"SELECT a.username FROM accounts a JOIN media_attachments m "
           "ON m.account_id = a.id WHERE a.domain IS NULL ORDER BY m.id LIMIT 1\"");
    sh("mastobak browse latest @" + user + " | grep -q media_attachments");
    sh("mastobak extract latest @" + user +
       " --to /root/theirs && cd /root/theirs && "
       "find . -type f -path '*media_attachments*' -exec cmp {} /root/media/{} ';' | wc -l | "
       "grep -qx 0 && find . -type f | grep -q .");
    sh("mastobak restore --media --owner nobody --to /root/new && "
       "test \"$(find /root/new/media -type f -printf '%u\\n' | sort -u)\" = nobody");
    CHECK(sh(since) == began);
}

TEST_CASE_METHOD(BackedUpHost, "configuration goes in place only when asked, and nothing is lost") {
    const std::string env = "/home/mastodon/live/.env.production";
    sh("cp -a " + env + " /root/env; echo 'EDITED=1' >> " + env);
    sh("cd /root && mastobak restore --config-files && ls -d /root/*-config && "
       "cmp /root/*-config" +
       env + " /root/env && grep -q EDITED " + env);
    sh("mastobak restore --config-files --in-place --yes && cmp " + env +
       " /root/env && "
       "grep -q EDITED " +
       env + ".before-*");
    for (const auto& contradiction : std::vector<std::vector<std::string>>{
             {"restore", "latest", "--media", "--in-place"},
             {"restore", "latest", "--in-place", "--to", "/root/new"},
             {"restore", "latest", "--media", "--replace"},
             {"restore", "latest", "--database", "x", "--owner", "nobody"},
             {"restore", "20000101T000000Z", "--before", "2100-01-01"},
             {"restore", "latest", "--config-files", "--repair-remote-media"}})
        CHECK(mastobak(contradiction) == 2);
}

TEST_CASE_METHOD(BackedUpHost, "a server that is named by a URL is restored into, by TCP alone") {
    sh(std::string(psql) +
       "-c \"CREATE ROLE keeper LOGIN CREATEDB PASSWORD 'se cret'\" "
       "-c 'GRANT mastodon TO keeper'");
    sh("sed -i '1i host all keeper 127.0.0.1/32 scram-sha-256' /srv/pg/pg_hba.conf; "
       "systemctl reload postgresql-test; printf '127.0.0.1:5432:*:keeper:se cret\n' > /root/pass; "
       "chmod 600 /root/pass");
    // Settings that would redirect libpq, in the environment and in root's home.
    const std::string elsewhere =
        "export PGHOST=/nowhere PGHOSTADDR=::9 PGPORT=1 PGUSER=nobody PGSERVICE=absent "
        "PGSSLMODE=verify-full PGOPTIONS='-c role=nobody' PGTARGETSESSIONATTRS=standby; "
        "install -d /root/.postgresql; echo bad > /root/.postgresql/root.crt; "
        "echo '*:*:*:*:wrong' > /root/.pgpass; chmod 600 /root/.pgpass; ";
    const std::string restore =
        "mastobak restore latest --database --database-url postgresql://keeper@127.0.0.1/";
    CHECK(sh(elsewhere + restore +
             "fresh --passfile /root/pass --plan --json | "
             "grep -c \"'postgres' at '127.0.0.1:5432' as 'keeper'\"") == "1");
    const auto began = sh("systemctl show -P ActiveEnterTimestampMonotonic mastodon-web");
    const auto printed = sh(elsewhere + restore + "fresh --passfile /root/pass");
    CHECK(printed.find("database 'fresh': ") != printed.npos);
    CHECK(sh(std::string(psql) + "-d fresh -c \"SELECT count(*) FROM media_attachments\"") ==
          sh("wc -l < /root/rows"));
    CHECK(sh("systemctl show -P ActiveEnterTimestampMonotonic mastodon-web") == began);
    // A backup connects to the same server as Mastodon.
    sh(elsewhere + "mastobak run --standalone --no-upload");

    // With the password from another place, and without one.
    sh("PGPASSWORD='se cret' " + restore + "by_variable --plan");
    sh("PGPASSFILE=/root/pass " + restore + "by_variables_file --plan");
    sh(restore + "none 2> /root/none || test $? = 15");
    sh("grep -q 'no password supplied; hint: the password comes from --passfile' /root/none");
    sh("chmod 644 /root/pass; " + restore +
       "open --passfile /root/pass 2> /root/open || test $? = 2");
    sh("grep -q \"others may read the passfile '/root/pass'; hint: chmod 600\" /root/open");
    sh("(until grep -qs 'Password of role' /root/shown; do sleep 0.1; done; echo 'se cret') | "
       "timeout 60 script -qefc '" +
       restore + "typed --plan' /root/shown >/dev/null; ! grep -q 'se cret' /root/shown");
    const auto refused = exec({"mastobak", "restore", "latest", "--database", "--database-url",
                               "postgresql://keeper:se%20cret@127.0.0.1/x"});
    CHECK(refused.exit_status == 2);
    CHECK(refused.error_tail.find("cret") == std::string::npos);
    CHECK(mastobak({"restore", "latest", "--media", "--database-url", "postgresql://a@b/c"}) == 2);
    CHECK(mastobak({"restore", "latest", "--database", "--passfile", "/root/pass"}) == 2);
}
