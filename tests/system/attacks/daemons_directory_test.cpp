// SPDX-License-Identifier: GPL-3.0-or-later
#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

/// A host with a set, and with a unit that only root may start.
struct DaemonTakenOver : AttackedHost {
    DaemonTakenOver() {
        back_up();
        sh("printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/touch "
           "/root/canary\\n' > /etc/systemd/system/root-only.service; systemctl daemon-reload; "
           "echo precious > /etc/precious");
    }
    void check_nothing_is_done_for_it() const {
        CHECK(sh("test -e /root/canary && echo started || true").empty());
        CHECK(sh("cat /etc/precious") == "precious");
        CHECK(mastodon_runs());
    }
};

}  // namespace

// One host for all attempts, because none of them may have an effect.
TEST_CASE_METHOD(DaemonTakenOver, "root starts and removes nothing that the daemon's user names") {
    for (const std::string record : {"stopped-units", "quieted-units"})
        for (const std::string command : {"mastobak restore --media", "mastobak resume-units",
                                          "mastobak restore --replace --yes"}) {
            as("mastobak",
               "printf /etc/precious > /run/mastobak/maintenance-file; echo root-only.service > "
               "/run/mastobak/" +
                   record);
            const auto restored = admin(command);
            INFO(record << ": " << command << restored.text);
            check_nothing_is_done_for_it();
        }
}

TEST_CASE_METHOD(DaemonTakenOver, "nothing in the daemon's directory makes root wait or write") {
    for (const std::string name :
         {"stopped-units", "stopped-units.tmp", "quieted-units", "maintenance-file", "run.lock"})
        for (const std::string make : {"mkfifo", "ln -s /etc/precious", "mkdir"}) {
            as("mastobak", "cd /run/mastobak; rm -rf *; " + make + " " + name);
            const auto restored = admin("mastobak restore --media", 30);
            INFO(make << " " << name << ": " << restored.text);
            CHECK(restored.status < 128);
            check_nothing_is_done_for_it();
        }
}

TEST_CASE_METHOD(DaemonTakenOver,
                 "in place goes what is Mastodon's, and each file is told before") {
    // Files that the daemon's user can put into a set.
    sh(R"sh(cd /var/lib/mastobak/staging/sets/*; mkdir -p /tmp/x/root/.ssh /tmp/x/etc/cron.d
        mkdir -p /tmp/x/etc/systemd/system/cron.service.d
        touch /tmp/x/root/.ssh/authorized_keys /tmp/x/etc/cron.d/zz
        touch /tmp/x/etc/systemd/system/cron.service.d/zz.conf
        zstd -qdc config.tar.zst | tar -x -C /tmp/x; tar -C /tmp/x --zstd -cf /tmp/config.tar.zst .
        python3 - <<'PY'
import hashlib, json, os, re
data = open('/tmp/config.tar.zst', 'rb').read()
digest = hashlib.sha256(data).hexdigest()
manifest = json.load(open('manifest.json'))
for artifact in manifest['artifacts']:
    if artifact['name'] == 'config.tar.zst':
        artifact['sha256'], artifact['size'] = digest, len(data)
text = json.dumps(manifest, indent=2) + '\n'
sums = open('SHA256SUMS').read()
sums = re.sub(r'\S+(  config.tar.zst)', digest + r'\1', sums)
sums = re.sub(r'\S+(  manifest.json)', hashlib.sha256(text.encode()).hexdigest() + r'\1', sums)
open('config.tar.zst', 'wb').write(data)
open('manifest.json', 'w').write(text)
open('SHA256SUMS', 'w').write(sums)
PY
    )sh");
    const auto plan = admin("mastobak restore --config-files --in-place --plan");
    INFO(plan.text);
    for (const auto* path : {"'/root/.ssh/authorized_keys'", "'/etc/cron.d/zz'",
                             "'/home/mastodon/live/.env.production'"})
        CHECK(plan.text.find(path) != std::string::npos);
    // The signature is invalid. A restore nevertheless needs an explicit option.
    CHECK(admin("mastobak restore --config-files --in-place --yes").status == 21);
    CHECK(admin("mastobak restore --config-files --in-place --unsigned").status == 2);
    const auto restored = admin("mastobak restore --config-files --in-place --yes --unsigned");
    INFO(restored.text);
    CHECK(restored.status == 0);
    CHECK(sh("ls /root/.ssh/authorized_keys /etc/cron.d/zz "
             "/etc/systemd/system/cron.service.d/zz.conf "
             "2>/dev/null || true")
              .empty());
    CHECK(sh("ls /root/*-config/etc/cron.d") == "zz");
}

TEST_CASE_METHOD(DaemonTakenOver, "after a restore on a new machine the daemon makes backups") {
    sh("cp -a /var/lib/mastobak/staging /root/copy; rm -rf /run/mastobak/*; systemctl stop "
       "mastobak");
    const auto restored = admin("mastobak restore --from /root/copy --replace --yes", 120);
    INFO(restored.text);
    CHECK(restored.status == 0);
    CHECK(sh("find /run/mastobak -not -user mastobak").empty());
    start_daemon();
    const auto run = admin("mastobak run", 120);
    INFO(run.text);
    CHECK(run.status == 0);
}
