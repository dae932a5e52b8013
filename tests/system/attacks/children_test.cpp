// SPDX-License-Identifier: GPL-3.0-or-later
#include "attacked_host.hpp"
#include "core/process/reach.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

/// A host on which an attacker controls the programs that the daemon runs, as after a hostile
/// server has exploited a bug in one of them.
struct HostileChildren : AttackedHost {
    HostileChildren() {
        sh(R"(install -d -o mastobak -m 700 /srv/x /etc/mastobak/ssh
            ssh-keygen -q -t ed25519 -N '' -f /etc/mastobak/ssh/id_ed25519
            ssh-keyscan localhost > /etc/mastobak/ssh/known_hosts 2>/dev/null || true
            printf '[x]\ntype = local\n' > /etc/mastobak/rclone.conf
            chown -R mastobak: /etc/mastobak/ssh /etc/mastobak/rclone.conf
            chmod 600 /etc/mastobak/rclone.conf
            sed -i '/^offsite:/,$d' /etc/mastobak/mastobak.yaml
            printf 'offsite:\n  - {name: x, type: rclone, target: "x:/srv/x", plain: true}\n' \
                >> /etc/mastobak/mastobak.yaml
            printf '[Service]\nReadWritePaths=/srv/x\n' \
                > /etc/systemd/system/mastobak.service.d/offsite.conf
            systemctl daemon-reload)");
        back_up();
        set_ = sets().back();
        sh("mkdir -p /opt/hostile; cat > /opt/hostile/attack <<'SH'\n" + attack() +
           "SH\n"
           "chmod 755 /opt/hostile/attack");
    }

    /// Tries actions that no child process needs, and returns those that succeeded, on one line.
    std::string attack() const {
        const auto set = "/var/lib/mastobak/staging/sets/" + set_;
        return R"(#!/bin/sh
got=
for file in /var/lib/mastobak/signing.key /etc/mastobak/mastobak.yaml /etc/mastobak/ssh/id_ed25519 \
    )" + set + R"(/config.tar.zst /proc/$PPID/environ; do
    head -c1 "$file" >/dev/null 2>&1 && got="$got reads:$file"
done
for file in /run/mastobak/stopped-units /var/lib/mastobak/trusted.pub )" +
               set + R"(/RESTORE.md; do
    (: >>"$file") 2>/dev/null && got="$got writes:$file"
done
mv )" + set + R"( /var/lib/mastobak/staging/gone 2>/dev/null && got="$got moves"
[ "$1" = unix ] || { busctl --system status >/dev/null 2>&1 && got="$got bus"; }
[ "$1" = unix ] && perl -MSocket -e 'exit !socket(S, AF_INET, SOCK_STREAM, 0)' && got="$got network"
echo "attack:${got:- nothing}" >&2
exit 1
)";
    }

    std::string set_;
};

}  // namespace

TEST_CASE_METHOD(HostileChildren,
                 "programs that the daemon runs reach nothing that they do not need") {
    if (const auto why = why_paths_are_open(); !why.empty()) {
        WARN(why);
        return;
    }
    // Without confinement, and with the rights of the same user, all of them succeed.
    const auto free = admin(
        "setpriv --reuid mastobak --regid mastobak --init-groups --inh-caps=-all "
        "--ambient-caps=-all /opt/hostile/attack; mv /var/lib/mastobak/staging/gone "
        "/var/lib/mastobak/staging/sets/" +
        set_ + "; rm -f /run/mastobak/stopped-units /var/lib/mastobak/trusted.pub");
    INFO(free.text);
    for (const std::string word :
         {"reads:/var/lib/mastobak/signing.key", "reads:/etc/mastobak/ssh/id_ed25519",
          "/config.tar.zst", "writes:/run/mastobak/stopped-units",
          "writes:/var/lib/mastobak/trusted.pub", "/RESTORE.md", " moves", " bus"})
        CHECK(free.text.find(word) != std::string::npos);

    start_daemon();
    // pg_dump, which needs only the database's socket.
    sh("bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1); "
       "ln -s $bin/pg_restore /opt/hostile/pg_restore; "
       "printf '#!/bin/sh\\n[ \"$1\" = --version ] && exec %s/pg_dump --version\\n"
       "exec /opt/hostile/attack unix\\n' $bin > /opt/hostile/pg_dump; "
       "chmod 755 /opt/hostile/pg_dump; cp -a /etc/mastobak/mastobak.yaml /root/mastobak.yaml; "
       "sed -i 's|^database:|database:\\n  bin_directory: /opt/hostile|' "
       "/etc/mastobak/mastobak.yaml; systemctl reload mastobak");
    const auto dumped = admin("mastobak run");
    INFO(dumped.text);
    CHECK(dumped.text.find("attack: nothing") != std::string::npos);
    sh("cp -a /root/mastobak.yaml /etc/mastobak/mastobak.yaml; systemctl reload mastobak");

    // rclone, in each of its calls. The upload is that of another set than the one that it must not
    // read.
    sh("printf '#!/bin/sh\\nexec /opt/hostile/attack\\n' > /usr/local/bin/rclone; "
       "chmod 755 /usr/local/bin/rclone; systemctl restart mastobak");
    REQUIRE(mastobak({"run"}) == 0);
    static_cast<void>(admin("mastobak upload"));
    INFO(journal());
    CHECK(eventually("journalctl -u mastobak | grep -q 'attack: nothing'"));
    CHECK(journal().find("attack: reads") == std::string::npos);

    // The real rclone works in the same confinement.
    sh("rm /usr/local/bin/rclone; systemctl restart mastobak");
    REQUIRE(mastobak({"run"}) == 0);
    static_cast<void>(admin("mastobak upload"));
    CHECK(eventually("ls /srv/x/sets/" + sets().back() + "/manifest.json"));
}
