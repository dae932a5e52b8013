// SPDX-License-Identifier: GPL-3.0-or-later
#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

constexpr auto env = "/home/mastodon/live/.env.production";

/// A host on which user mastodon has changed something. No set may contain a secret of the host.
struct ChoosingHost : AttackedHost {
    void is_refused(const std::string& by, const std::string& words) const {
        INFO(by);
        for (const std::string command :
             {"mastobak check-config", "mastobak run --standalone --no-upload"}) {
            const auto done = admin(command);
            INFO(command << ": " << done.text);
            CHECK(done.status != 0);
            CHECK(done.text.find(words) != std::string::npos);
            CHECK(done.text.find("SECRET-OF-ROOT") == std::string::npos);
        }
        CHECK(sets().empty());
    }
};

}  // namespace

TEST_CASE_METHOD(ChoosingHost, "mastodon's user does not choose what of the host is backed up") {
    sh("install -d -m 700 /root/precious; echo SECRET-OF-ROOT=1 > /root/precious/file");
    // The configuration names the path, but Mastodon's user decides what is there.
    for (const std::string path : {"/etc", "/root/precious"}) {
        as("mastodon",
           "cd /home/mastodon/live/public && mv system old && ln -s " + path + " system");
        is_refused("a symlink to " + path, "a symlink of user 'mastodon' leads there");
        as("mastodon", "cd /home/mastodon/live/public && rm system && mv old system");
    }
    // A setup by root does not write a path of Mastodon's settings into the configuration.
    as("mastodon",
       "cp -p " + std::string(env) + " /tmp/env; echo PAPERCLIP_ROOT_PATH=/etc >> " + env);
    const auto set_up = admin("cp -a /etc/mastobak/mastobak.yaml /root/; mastobak setup --force");
    INFO(set_up.text);
    CHECK(set_up.status != 0);
    CHECK(sh("grep -c '/etc\"' /etc/mastobak/mastobak.yaml || true") == "0");
    is_refused("setup", "not to Mastodon's user");
    as("mastodon", "cat /tmp/env > " + std::string(env));
    sh("cp -a /root/mastobak.yaml /etc/mastobak/mastobak.yaml");

    // Without a path in the configuration, Mastodon's settings name the media directory.
    sh("sed -i '/^media:/,/^  path:/d' /etc/mastobak/mastobak.yaml");
    sh("cp -a " + std::string(env) +
       " /root/env; "
       "cp -a /home/mastodon/live/public/system /root/system");
    const auto restore = [&] { sh("rm -rf " + std::string(env) + "; cp -a /root/env " + env); };
    for (const std::string path : {"/etc", "/root/precious", "/"}) {
        as("mastodon", "echo PAPERCLIP_ROOT_PATH=" + path + " >> " + env);
        is_refused("PAPERCLIP_ROOT_PATH=" + path, "not to Mastodon's user");
        restore();
    }
    as("mastodon", "cd /home/mastodon/live/public && mv system old && ln -s /etc system");
    is_refused("a symlink for public/system", "not to Mastodon's user");
    as("mastodon", "cd /home/mastodon/live/public && rm system && mv old system");

    as("mastodon", std::string("ln -sf /root/precious/file ") + env);
    is_refused("a symlink for .env.production", "may not read it");
    restore();
    as("mastodon", "ln -s /etc/shadow /home/mastodon/live/.env.local");
    is_refused("a symlink for .env.local", "may not read it");
    as("mastodon", "rm /home/mastodon/live/.env.local");

    // A tree at another place is accepted if Mastodon's user owns it, or if the configuration names
    // it.
    sh("cp -a /home/mastodon/live/public/system /srv/media");
    as("mastodon", std::string("echo PAPERCLIP_ROOT_PATH=/srv/media >> ") + env);
    CHECK(admin("mastobak check-config").status == 0);
    sh("chown root: /srv/media; sed -i '1i media: {path: /srv/media}' /etc/mastobak/mastobak.yaml");
    CHECK(admin("mastobak check-config").status == 0);
}

TEST_CASE_METHOD(AttackedHost, "the daemon's own directories do not lead to what is root's") {
    start_daemon();
    CHECK(sh("grep CapEff /proc/$(systemctl show -P MainPID mastobak)/status").ends_with("0000"));
    CHECK(sh("grep CapInh /proc/$(systemctl show -P MainPID mastobak)/status")
              .ends_with("0000000000000000"));
    sh("echo SECRET-OF-ROOT > /etc/root-only; chmod 600 /etc/root-only");
    REQUIRE(mastobak({"run"}) == 0);
    const auto set = sets().back();
    sh("cp -a /var/lib/mastobak/staging /srv/copy");
    as("mastobak",
       "cd /var/lib/mastobak/staging && mkdir -p damaged keep && ln -s /etc/root-only "
       "damaged/" +
           set + "; ln -s /etc/root-only keep/" + set + "; cd sets/" + set +
           "; ln -sf /etc/root-only SHA256SUMS; ln -sf /etc/root-only RESTORE.md");
    sh("useradd stranger");
    for (const std::string command :
         {"mastobak upload", "setpriv --reuid stranger --clear-groups mastobak status",
          "mastobak verify", "mastobak prune", "mastobak prune --dry-run", "mastobak list",
          "mastobak status", "mastobak run"}) {
        const auto done = admin(command);
        INFO(command << ": " << done.text);
        CHECK(done.text.find("SECRET-OF-ROOT") == std::string::npos);
    }
    CHECK(journal().find("SECRET-OF-ROOT") == std::string::npos);

    // Root restores secrets. Another user cannot redirect them by a symlink in place of the target.
    sh("mkdir -m 700 /srv/closed; mkdir -m 777 /srv/shared; mkdir -m 755 /srv/to; "
       "ln -s ../closed /srv/to/config; install -d -o stranger -m 755 /srv/theirs /srv/away");
    for (const std::string target : {"/srv/shared", "/srv/theirs"})
        as("stranger", "ln -s /srv/away " + target + "/config");
    const auto restore = [&](const std::string& to) {
        return admin("mastobak restore latest --from /srv/copy --config-files --to " + to);
    };
    for (const std::string to : {"/srv/shared", "/srv/theirs"}) {
        const auto refused = restore(to);
        INFO(to << ": " << refused.text);
        CHECK(refused.status != 0);
        CHECK(refused.text.find("the path has a symlink of user 'stranger'") != std::string::npos);
    }
    CHECK(sh("find /srv/away /srv/closed -mindepth 1").empty());
    const auto restored = restore("/srv/to");
    INFO(restored.text);
    CHECK(restored.status == 0);
    CHECK(sh("stat -c %a /srv/closed" + std::string(env)) == "600");
}

TEST_CASE_METHOD(AttackedHost, "ssh runs nothing that the daemon's user has configured") {
    sh("install -d -o mastobak -g mastobak -m 700 /var/lib/mastobak/.ssh /etc/mastobak/ssh; "
       "ssh-keygen -q -t ed25519 -N '' -f /etc/mastobak/ssh/id_ed25519; "
       "touch /etc/mastobak/ssh/known_hosts; chown -R mastobak: /etc/mastobak/ssh");
    as("mastobak",
       "printf 'Match exec \"touch /var/lib/mastobak/pwned\"\\n' "
       "> /var/lib/mastobak/.ssh/config");
    sh("cat >> /etc/mastobak/mastobak.yaml <<'YAML'\n"
       "  - name: nas\n    type: rsync\n    target: backup@localhost:/srv/nas\n"
       "    identity_file: /etc/mastobak/ssh/id_ed25519\n"
       "    known_hosts: /etc/mastobak/ssh/known_hosts\nYAML");
    const auto checked = admin("mastobak check-config");
    INFO(checked.text);
    CHECK(checked.text.find("'nas'") != std::string::npos);
    CHECK_FALSE(exec({"test", "-e", "/var/lib/mastobak/pwned"}).ok());
}

TEST_CASE_METHOD(
    AttackedHost,
    "credentials that operators may read, and remotes that are plain, are told of until mended") {
    sh("install -d -o mastobak -g mastobak -m 700 /etc/mastobak/ssh; "
       "printf '[x]\\ntype = local\\n' > /etc/mastobak/rclone.conf; "
       "chown root:mastobak /etc/mastobak/rclone.conf; chmod 640 /etc/mastobak/rclone.conf; "
       "install -d -o mastobak /srv/x; "
       "printf '  - {name: x, type: rclone, target: \"x:/srv/x\"}\\n' >> "
       "/etc/mastobak/mastobak.yaml");
    const auto says = [&](const std::string& command, const std::string& words) {
        const auto done = admin(command);
        INFO(command << ": " << done.text);
        CHECK(done.status >= 0);
        return done.text.find(words) != std::string::npos;
    };
    const std::string exposed = "chmod 0600 /etc/mastobak/rclone.conf",
                      reached = "'x' can be reached", plain = "of the instance unencrypted";
    for (const std::string command : {"mastobak check-config", "mastobak setup"})
        CHECK(says(command, exposed));
    sh("chown mastobak: /etc/mastobak/rclone.conf && chmod 0600 /etc/mastobak/rclone.conf");
    for (const std::string command : {"mastobak check-config", "mastobak setup"}) {
        CHECK_FALSE(says(command, "credentials"));
        CHECK(says(command, reached));
    }

    // Secrets go to a disk and to rclone's type `local` without encryption, until `plain: true` is
    // set.
    const std::vector<std::string> all{"mastobak check-config", "mastobak setup",
                                       "mastobak status"};
    for (const auto& command : all)
        for (const std::string remote : {"'disk'", "'x'"})
            CHECK(says(command, remote + " gets all secrets " + plain));
    sh("sed -i 's|^    target: /mnt/offsite|&\\n    plain: true|; s|x:/srv/x\"}|x:/srv/x\", plain: "
       "true}|' /etc/mastobak/mastobak.yaml");
    for (const auto& command : all) CHECK_FALSE(says(command, plain));
    CHECK(says("mastobak check-config", reached));
}
