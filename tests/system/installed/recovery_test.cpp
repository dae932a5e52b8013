// SPDX-License-Identifier: GPL-3.0-or-later
//
// Encrypted copies, and the loss of the host. README's text is what is run.
#include <string>

#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/installed_host.hpp"

using namespace mastobak::test;

namespace {

constexpr auto ask_psql = "psql -X -h /run/postgresql -U postgres -At ";
constexpr auto media = "/home/mastodon/live/public/system";

/// A host with a remote of rclone, `b2:`, that does not encrypt, and no configuration. The private
/// key of age is in /root/elsewhere, where all that survives the host is.
struct RcloneHost : InstalledHost {
    RcloneHost() {
        sh(R"(rm /etc/mastobak/mastobak.yaml
            install -d -o mastobak -g mastobak /mnt/b2
            printf '[b2]\ntype = alias\nremote = /mnt/b2' > /etc/mastobak/rclone.conf
            chown mastobak: /etc/mastobak/rclone.conf; chmod 600 /etc/mastobak/rclone.conf
            printf '[Service]\nReadWritePaths=/mnt/b2\n' > /etc/systemd/system/mastobak.service.d/b2.conf
            systemctl daemon-reload
            mkdir /root/elsewhere; cd /root/elsewhere
            age-keygen -o key.txt 2> /dev/null; age-keygen -y key.txt > /root/public)");
    }
    /// Returns what a command prints, and its exit status in the last line.
    std::string told(const std::string& command) const {
        return sh("status=0; timeout 120 " + command +
                  " 2>&1 </dev/null || status=$?; echo $status");
    }
    std::string on_terminal(const std::string& answers, const std::string& command) const {
        return sh("printf '%s\\n' " + answers + " | timeout 300 script -qec '" + command +
                  "' /dev/null");
    }
    static std::string rows() {
        return std::string(ask_psql) +
               "-d mastodon_production -c 'SELECT id FROM media_attachments ORDER BY id'";
    }
};

// A new machine, after step 1 of README: Mastodon's code, PostgreSQL and mastobak are installed.
// User mastobak has another number.
constexpr auto fire = R"sh(
systemctl disable -q --now mastobak || true
systemctl stop 'mastodon-*'
psql -X -q -h /run/postgresql -U postgres -c 'DROP DATABASE mastodon_production' \
    -c 'DROP ROLE mastodon' -c 'DROP ROLE mastobak'
rm -r /etc/mastobak /run/mastobak /var/lib/mastobak /etc/systemd/system/mastodon-* \
    /home/mastodon/live/public /home/mastodon/live/.env.production
old=$(id -u mastobak)
userdel mastobak
useradd --system --uid "$old" --no-create-home other
/opt/mastobak/packaging/post-install
test "$(id -u mastobak)" != "$old"
chown -R mastobak: /mnt/b2
systemctl daemon-reload
)sh";

// README's commands for a disaster, from the recovery file to the next set.
constexpr auto commands_of_readme = R"sh(
awk '/^## /{inside = ($0 == "## Restore in a disaster")}
     inside && /^Without `mastobak.yaml`/{exit}
     inside && /^       /{sub(/ +#.*/, ""); print substr($0, 8)}' /opt/mastobak/README.md
)sh";

}  // namespace

TEST_CASE_METHOD(RcloneHost, "README's disaster needs only the recovery file and the key of age") {
    const auto said =
        on_terminal("rclone:b2: '' '' '' '' wrong \"$(cat /root/public)\" y y", "mastobak setup");
    CHECK(says(said, "Encrypt the copies at 'b2:'? [Y/n]"));
    CHECK(says(said, "'wrong' is not a public key of age"));
    CHECK(says(said, "password2 = (random)"));
    CHECK(says(said, "The first backup begins."));
    sh("cd /root/elsewhere && cp /etc/mastobak/recovery.age .");
    REQUIRE(eventually("ls /mnt/b2/*/*/* && mastobak status --json | grep '\"queued\": 0'"));
    // Neither names nor contents can be read where the copies are.
    CHECK(sh("find /mnt/b2 -name '*manifest*' -o -name 'sets'") == "");
    CHECK(sh("grep -rl mastodon /mnt/b2 || true") == "");
    sh(std::string("cp -a ") + media + " /root/media; rm -rf /root/media/cache; " + rows() +
       " > /root/rows");
    const auto set = sets().at(0);

    sh(fire);
    const auto commands = sh(commands_of_readme);
    CHECK(commands.starts_with("age -d -i key.txt recovery.age | tar -x -C / "));
    CHECK(commands.ends_with("mastobak run"));
    sh(std::string("{") + commands_of_readme + R"(} > /root/commands
        cd /root/elsewhere
        while read -r -u 3 command; do
            echo "# $command"
            printf 'y\ny\ny\n' | timeout 300 script -qec "$command" /dev/null
        done 3< /root/commands > /root/output 2>&1 || { cat /root/output >&2; exit 1; })");
    INFO(sh("cat /root/output"));
    CHECK(eventually("systemctl is-active mastodon-web mastodon-sidekiq mastodon-streaming"));
    CHECK(sh("rsync -nciaHAX /root/media/ " + std::string(media) + "/ | grep '^[<>c*]f' || true; " +
             rows() + " | diff - /root/rows") == "");
    // Nothing had to be confirmed by hand, and the old set counts.
    CHECK_FALSE(says(sh("cat /root/output"), "nothing proves"));
    CHECK_FALSE(says(sh("mastobak prune --dry-run; mastobak status || true"), "not signed"));
    CHECK(mastobak({"verify", set, "--from", "b2-crypt"}) == 0);
    CHECK(sh("stat -c '%U %a' /etc/mastobak/rclone.conf /var/lib/mastobak/signing.key") ==
          "mastobak 600\nmastobak 400");
    // The new machine has a recovery file of its own, with the key of the old one as a trusted one.
    CHECK(sh("age -d -i /root/elsewhere/key.txt /etc/mastobak/recovery.age | tar -t | "
             "grep -c 'var/lib/mastobak/trusted/.*pub$'") == "1");
}

TEST_CASE_METHOD(RcloneHost,
                 "scripts have the copies encrypted, once, and the recovery file kept") {
    sh("printf '\\n# mine' >> /etc/mastobak/rclone.conf; cp /etc/mastobak/rclone.conf "
       "/root/before");
    const std::string setup =
        "mastobak setup --yes --remote rclone:b2: --encrypt --age-key \"$(cat /root/public)\"";
    const auto first = told(setup);
    CHECK(first.ends_with("\n0"));
    CHECK(says(first, "remote       'b2-crypt' takes files"));
    CHECK_FALSE(says(first, "unencrypted"));
    CHECK(sh("stat -c '%U %a' /etc/mastobak/rclone.conf /etc/mastobak/recovery.age") ==
          "mastobak 600\nroot 600");
    CHECK(sh("head -c $(stat -c %s /root/before) /etc/mastobak/rclone.conf | cmp - /root/before && "
             "echo same") == "same");
    const auto password = sh("sed -n 's/^password = //p' /etc/mastobak/rclone.conf");
    CHECK(password.size() > 60);
    CHECK_FALSE(says(first, password));
    // Other programs of the machine that the host is made of may have files in /var/tmp.
    CHECK(sh("ls -A /etc/mastobak | grep -e new -e mastobak- || true; "
             "find /var/tmp -mindepth 1 -maxdepth 1 -newer /root/before") == "");

    const auto state =
        "cat /etc/mastobak/mastobak.yaml /etc/mastobak/rclone.conf /etc/mastobak/recovery.age | "
        "sha256sum";
    const auto before = sh(state);
    const auto second = told(setup);
    CHECK(says(second, "mastobak.yaml stays unchanged"));
    CHECK(says(second, "recovery.age is up to date"));
    CHECK(sh(state) == before);

    sh("touch /etc/mastobak/rclone.conf");
    CHECK(says(told("mastobak check-config"),
               "warning      the recovery file '/etc/mastobak/recovery.age' is older than "
               "'/etc/mastobak/rclone.conf'; hint: "));
    CHECK(says(told("mastobak setup"), "is older than '/etc/mastobak/rclone.conf'\nwrote "));
    CHECK(says(told("mastobak check-config"), "recovery.age is up to date"));

    // User mastobak, who owns the directory, links to a secret of root.
    sh(R"(echo SECRET-OF-ROOT > /srv/secret; chmod 600 /srv/secret
        runuser -u mastobak -- ln -sf /srv/secret /etc/mastobak/ssh/known_hosts
        echo '- {name: nas, type: rsync, target: "u@h:/x"}' > /root/entry
        sed -i '/^offsite:/r /root/entry' /etc/mastobak/mastobak.yaml)");
    const auto linked = told("mastobak setup");
    CHECK(says(linked, "cannot open '/etc/mastobak/ssh/known_hosts'"));
    CHECK_FALSE(says(linked, "SECRET-OF-ROOT"));
    CHECK_FALSE(says(sh("age -d -i /root/elsewhere/key.txt /etc/mastobak/recovery.age | tar -xO"),
                     "SECRET-OF-ROOT"));
}

TEST_CASE_METHOD(RcloneHost, "without encryption and without age, setup says what that means") {
    const auto plain = told("mastobak setup --yes --remote rclone:b2:");
    CHECK(plain.ends_with("\n0"));
    CHECK(says(plain, "'b2' gets all secrets of the instance unencrypted"));
    CHECK(says(plain, "  /etc/mastobak/rclone.conf\n"));
    CHECK(says(plain, "  /var/lib/mastobak/signing.pub\n"));
    CHECK(sh("grep -c crypt /etc/mastobak/rclone.conf || true") == "0");
    CHECK(sh("ls /etc/mastobak/recovery.age 2>/dev/null || true") == "");
    CHECK(says(told("mastobak setup --yes --remote rclone:b2: --encrypt"), "is already a remote"));

    const auto secret = sh("grep SECRET /root/elsewhere/key.txt");
    const auto refused = told("mastobak setup --yes --age-key '" + secret + "'");
    CHECK(refused.ends_with("\n2"));
    CHECK(says(refused, "is a private key"));
    CHECK_FALSE(says(refused, secret));
    sh("rm /usr/bin/age");
    const auto missing = told("mastobak setup --yes --age-key \"$(cat /root/public)\"");
    CHECK(says(missing, "'age' is not installed"));
    CHECK(says(missing, "apt install age"));
    CHECK(missing.ends_with("\n13"));
}
