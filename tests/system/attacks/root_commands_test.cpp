// SPDX-License-Identifier: GPL-3.0-or-later
#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

/// The commands that an admin runs as root. None of them continues without a confirmation.
const std::vector<std::string>& commands() {
    static const std::vector<std::string> all{"mastobak status",
                                              "mastobak list",
                                              "mastobak show",
                                              "mastobak verify --all",
                                              "mastobak browse",
                                              "mastobak prune --dry-run",
                                              "mastobak check-config",
                                              "mastobak adopt 20201122T030000Z --from disk --yes",
                                              "mastobak restore --plan",
                                              "mastobak restore --config-files",
                                              "mastobak restore --database beside",
                                              "mastobak extract latest a --to /root/out",
                                              "mastobak setup"};
    return all;
}

struct HostileState : AttackedHost {
    HostileState() {
        back_up();
        sh("install -d -m 755 /etc/victim; echo SECRET-OF-ROOT >/etc/victim/secret; "
           "chmod 600 /etc/victim/secret; cp -a /var/lib/mastobak /root/state");
    }
    /// Runs all commands after user mastobak has changed its state directory in this way.
    void try_with(const std::string& hostile) const {
        as("mastobak", "cd /var/lib/mastobak; set=staging/sets/$(ls staging/sets); " + hostile);
        for (const auto& command : commands()) {
            const auto done = admin(command, 30);
            INFO(hostile << ": " << command << ": " << done.text);
            CHECK(done.status < 128);
            CHECK(done.text.find("SECRET-OF-ROOT") == std::string::npos);
        }
        CHECK(sh("find /etc/victim -printf '%p %u %m '") ==
              "/etc/victim root 755 /etc/victim/secret root 600 ");
        sh("runuser -u postgres -- dropdb --if-exists --force beside; rm -rf /root/*-config "
           "/root/out; cd /var/lib/mastobak; find . -mindepth 1 -delete; cp -a /root/state/. .");
    }
};

}  // namespace

TEST_CASE_METHOD(HostileState,
                 "nothing in the daemon's state makes root's commands wait or write") {
    for (const std::string names : {"offsite queue trusted drills",
                                    "staging/keep staging/damaged staging/unfinished staging/away "
                                    "staging/partial"})
        try_with("for d in " + names + "; do rm -rf $d; ln -s /etc/victim $d; done");
    try_with(
        "for f in signing.pub history.json pruned.json drills.json offsite-history.json; do "
        "rm -f $f; mkfifo $f; done; mkdir -p trusted; mkfifo trusted/a.pub");
    try_with("for f in $set/* staging/media/*; do rm -f $f; mkfifo $f; done");
    try_with("for f in $set/*; do case $f in *.json) ;; *) rm -f $f; mkfifo $f;; esac; done");
    try_with("for f in $set/*; do ln -sf /etc/victim/secret $f; done");
    try_with(
        "for f in signing.key signing.pub history.json; do ln -sf /etc/victim/secret $f; done");
}

// For these requests, systemd uses the same action and verb as for a start of Mastodon's units.
TEST_CASE_METHOD(AttackedHost, "user mastobak has systemd run no program of its own choice") {
    for (const std::string unit : {"mastodon-sidekiq-x.service", "mastodon-streaming-x.service",
                                   "mastobak-drill@1:x.service"})
        CHECK_THROWS(
            as("mastobak", "systemd-run --no-ask-password --unit=" + unit + " touch /root/canary"));
    // The request of newer versions of systemd.
    sh("systemd-run -q --unit=asks --uid=mastobak sleep 600");
    const auto asks = [&](const std::string& words) {
        return exec({"sh", "-c",
                     "pkcheck -p $(systemctl show -P MainPID asks) "
                     "-a org.freedesktop.systemd1.manage-units -d unit mastodon-sidekiq.service "
                     "-d verb start -d polkit.message \"" +
                         words + "\""})
            .ok();
    };
    CHECK(asks("Authentication is required to start '\\$(unit)'."));
    CHECK_FALSE(asks("Authentication is required to start transient unit '\\$(unit)'."));
    CHECK(sh("ls /root").find("canary") == std::string::npos);
}

// Mastodon's user runs a server at the place where its settings name the database.
TEST_CASE_METHOD(AttackedHost, "setup opens no session of a superuser's at another one's server") {
    sh("cat >/tmp/server.py <<'PY'\n"
       "import os, socket\n"
       "server = socket.socket(socket.AF_UNIX)\n"
       "server.bind('/home/mastodon/s/.s.PGSQL.5432')\n"
       "os.chmod('/home/mastodon/s/.s.PGSQL.5432', 0o777)\n"
       "server.listen()\n"
       "while True:\n"
       "    client, _ = server.accept()\n"
       "    text = client.recv(4096)\n"
       "    open('/home/mastodon/s/got', 'ab').write(text)\n"
       "    client.close()\n"
       "PY\nchmod 755 /home/mastodon");
    as("mastodon",
       "mkdir -m 755 /home/mastodon/s; sed -i '/^DB_HOST/d' /home/mastodon/live/.env.production; "
       "echo DB_HOST=/home/mastodon/s >> /home/mastodon/live/.env.production; "
       "touch /home/mastodon/s/got; "
       "setsid python3 /tmp/server.py >/dev/null 2>&1 </dev/null &");
    REQUIRE(eventually("test -S /home/mastodon/s/.s.PGSQL.5432"));
    const auto set_up = admin("mastobak setup --force");
    INFO(set_up.text);
    CHECK(set_up.text.find("requirepeer") != std::string::npos);
    CHECK(sh("cat /home/mastodon/s/got").find("postgres") == std::string::npos);
}

// The attacker replaces the directories of root's restore as fast as possible.
TEST_CASE_METHOD(AttackedHost, "a restore of media is not led away by what changes meanwhile") {
    back_up();
    const auto look = "find /etc -path /etc/mastobak -prune -o -printf '%p %u %g %m %y\\n' | sort";
    sh(std::string(look) + " > /root/before");
    as("mastodon",
       "cd /home/mastodon/live/public; ln -s /etc link; "
       "setsid bash -c 'while :; do mv -T system old; mv -T link system; mv -T system link; "
       "mv -T old system; done' >/dev/null 2>&1 </dev/null & echo $! > /tmp/racer");
    for (int i = 0; i < 4; ++i) static_cast<void>(admin("mastobak restore --media"));
    sh("pkill -KILL -u mastodon bash || true");
    CHECK(sh(std::string(look) + " | diff /root/before - || true").empty());
}

// rclone runs programs that its configuration names, and writes the local directories in it.
TEST_CASE_METHOD(AttackedHost, "root runs no program that the daemon's rclone.conf names") {
    back_up();
    sh(R"(printf '[x]\ntype = local\n' > /etc/mastobak/rclone.conf
        chown mastobak: /etc/mastobak/rclone.conf; chmod 600 /etc/mastobak/rclone.conf
        sed -i '/^offsite:/,$d' /etc/mastobak/mastobak.yaml
        printf 'offsite:\n  - {name: x, type: rclone, target: "x:/srv/x", plain: true}\n' \
            >> /etc/mastobak/mastobak.yaml
        install -d -m 755 /srv/x; cp -a /var/lib/mastobak/staging/sets /srv/x
        cp -a /var/lib/mastobak/staging/media /srv/x; chmod -R a+rX /srv/x)");
    const std::string restore = "mastobak restore --media --from x --to /root/out";
    const auto honest = admin(restore);
    INFO(honest.text);
    CHECK(honest.status == 0);
    sh("install -d -m 777 /srv/ran");
    as("mastobak",
       "printf '[x]\\ntype = union\\nupstreams = /root /srv/x /srv/ran token:\\n\\n"
       "[token]\\ntype = webdav\\nurl = http://127.0.0.1:1/\\nvendor = other\\n"
       "bearer_token_command = touch /root/canary /srv/ran/it\\n' > /etc/mastobak/rclone.conf");
    for (const auto& command :
         {restore + "2", std::string("mastobak restore --plan --from x"),
          std::string("mastobak extract latest a --from x --to /root/out3"),
          std::string("mastobak show latest --from x"), std::string("mastobak status"),
          std::string("mastobak check-config")})
        static_cast<void>(admin(command));
    CHECK(sh("stat -c %U /srv/ran/it") == "mastobak");
    CHECK(sh("ls /root").find("canary") == std::string::npos);
}

TEST_CASE_METHOD(AttackedHost, "an operator asks the daemon, and reads nothing of it") {
    sh("useradd -G mastobak oper");
    start_daemon();
    REQUIRE(mastobak({"run"}) == 0);
    CHECK(as("oper", "mastobak status").find("last set") != std::string::npos);
    for (const std::string command :
         {"ls /var/lib/mastobak", "ls /etc/mastobak/ssh", "touch /run/mastobak/x",
          "mastobak restore --plan", "mastobak show", "mastobak adopt x --from disk --yes",
          "mastobak drill --from /etc", "mastobak drill --from ../../etc",
          "busctl call org.mastobak.Daemon1 /org/mastobak/Daemon1 org.mastobak.Daemon1 Drill s "
          "'{\"from\": \"/etc\"}'"}) {
        INFO(command);
        CHECK_THROWS(as("oper", command));
    }
    sh("useradd alice");
    CHECK(as("alice", "mastobak status").find("last set") != std::string::npos);
    for (const std::string command : {"mastobak run", "mastobak upload", "mastobak drill",
                                      "touch /run/mastobak/x", "ls /var/lib/mastobak"}) {
        INFO(command);
        CHECK_THROWS(as("alice", command));
    }
    // The group may read none of these files.
    CHECK(sh("find /var/lib/mastobak /etc/mastobak /run/mastobak -group mastobak -perm /070 "
             "-not -type d -not -type l -printf '%p '; true")
              .empty());
}
