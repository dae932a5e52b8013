// SPDX-License-Identifier: GPL-3.0-or-later
// check-config and a dry run report problems that would make the next run fail.
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/installed_host.hpp"

using mastobak::test::has;
using mastobak::test::InstalledHost;
using nlohmann::json;

namespace {

struct PreflightHost : InstalledHost {
    /// Returns both outputs of a command, and its exit status at the end.
    std::string told(const std::string& command) const {
        return sh("status=0; " + command + " 2>&1 || status=$?; echo $status");
    }
    std::string starts() const {
        return sh(
            "systemctl show -P InactiveExitTimestampMonotonic mastodon-web "
            "mastodon-sidekiq mastodon-streaming mastodon-streaming@4001");
    }
};

constexpr auto polkit_rule = R"(
cat > /etc/polkit-1/rules.d/40-mastobak.rules <<'JS'
polkit.addRule(function (action, subject) {
    if (action.id === "org.freedesktop.systemd1.manage-units" && subject.user === "mastobak" &&
        ["start", "stop", "restart", "kill"].indexOf(action.lookup("verb")) >= 0 &&
        /^fediverse-(web|jobs)\.service$/.test(action.lookup("unit"))) {
        return polkit.Result.YES;
    }
    return polkit.Result.NOT_HANDLED;
});
JS
)";

}  // namespace

TEST_CASE_METHOD(PreflightHost,
                 "a dry run does it all in the daemon's sandbox, and stops and makes nothing") {
    start_daemon();
    const auto before = starts();
    const auto record = json::parse(sh("mastobak run --dry-run --json"));
    CHECK(record.at("ok") == true);
    CHECK(record.at("dry_run") == true);
    CHECK(record.at("set") == nullptr);
    CHECK(starts() == before);
    CHECK(sets().empty());
    CHECK_FALSE(leftovers());
    CHECK(sh("find /mnt/offsite -type f").empty());
    CHECK(json::parse(sh("mastobak status --json || true"))["history"]["last_run"] == nullptr);
    CHECK(has(told("mastobak run --dry-run"), "a run would succeed now: "));
    CHECK(has(told("mastobak run --dry-run --standalone"), "a run would succeed now: "));
    CHECK(starts() == before);

    // The daemon cannot write to the remote's disk.
    sh("rm /etc/systemd/system/mastobak.service.d/offsite.conf; systemctl daemon-reload; "
       "systemctl restart mastobak");
    const auto failed = told("mastobak run --dry-run");
    CHECK(has(failed, "the remote 'disk' cannot be used"));
    CHECK(has(failed, "ReadWritePaths="));
    CHECK(failed.ends_with("\n19"));
    const auto checked = told("mastobak check-config");
    CHECK(has(checked, "the remote 'disk' at '/mnt/offsite' is read-only for the daemon"));
    CHECK(has(checked, "ReadWritePaths=/mnt/offsite"));
    CHECK(checked.ends_with("\n19"));

    hold_dump();
    sh("mastobak run --dry-run > /run/dry 2>&1 & disown");
    REQUIRE(dump_is_held());
    CHECK(has(told("mastobak run"), "a dry run is in progress"));
    CHECK(mastobak({"cancel"}) == 0);
    CHECK(eventually("grep -q 'the run was cancelled' /run/dry"));
    CHECK_FALSE(leftovers());
    CHECK(starts() == before);
}

TEST_CASE_METHOD(PreflightHost, "check-config asks polkit and the unit's sandbox, with the mend") {
    CHECK(has(told("mastobak check-config"), "mastobak.service lets the daemon write"));
    const auto before = starts();
    sh("cp /etc/mastobak/mastobak.yaml /root/good.yaml");
    sh("install -d -o mastobak -g mastobak -m 700 /srv/backup; "
       "install -d /srv/metrics; printf 'staging:\\n  path: /srv/backup\\n"
       "metrics:\\n  textfile: /srv/metrics/mastobak.prom\\n' >> /etc/mastobak/mastobak.yaml");
    const auto sandbox = told("mastobak check-config");
    CHECK(has(sandbox, "the staging directory '/srv/backup' is read-only for the daemon"));
    CHECK(has(sandbox, "ReadWritePaths=/srv/backup"));
    CHECK(has(sandbox, "the directory of metrics.textfile, '/srv/metrics' is read-only for the"));
    CHECK(has(sandbox, "write metrics into '/srv/metrics': its user may not"));
    CHECK(has(sandbox, "setfacl -m u:mastobak:rwx /srv/metrics"));
    CHECK(sandbox.ends_with("\n17"));
    sh("chown mastobak /srv/metrics; "
       "printf '[Service]\\nReadWritePaths=/mnt/offsite /srv/backup /srv/metrics\\n' > "
       "/etc/systemd/system/mastobak.service.d/offsite.conf; systemctl daemon-reload");
    CHECK(told("mastobak check-config").ends_with("\n0"));

    sh("cp /root/good.yaml /etc/mastobak/mastobak.yaml; "
       "printf '[Service]\\nExecStart=sleep infinity\\n' > "
       "/etc/systemd/system/fediverse-jobs.service;"
       "systemctl daemon-reload; systemctl start fediverse-jobs; "
       "sed -i 's|^mastodon:|&\\n  units: [mastodon-web.service, mastodon-streaming*.service, "
       "mastodon-sidekiq*.service, fediverse-jobs.service]|' /etc/mastobak/mastobak.yaml");
    const auto denied = told("mastobak check-config");
    INFO(denied);
    CHECK(has(denied, "systemd does not let user 'mastobak' stop and start 'fediverse-jobs"));
    CHECK(has(denied, "SANDBOXING.md"));
    CHECK(denied.ends_with("\n14"));
    start_daemon();
    CHECK(has(told("mastobak run"), "systemd does not let user 'mastobak'"));
    sh(polkit_rule);
    CHECK(eventually("mastobak check-config"));
    CHECK(starts() == before);
    CHECK(sh("systemctl is-active fediverse-jobs") == "active");

    // The unit's environment files are read as systemd reads them.
    sh("install -d /etc/mastodon /etc/systemd/system/mastodon-web.service.d; "
       "printf 'DB_NAME=it%ss\\n' \"'\" > /etc/mastodon/1.env; "
       "printf '[Service]\\nWorkingDirectory=-/home/mastodon/live\\n"
       "EnvironmentFile=/etc/mastodon/*.env\\n' > "
       "/etc/systemd/system/mastodon-web.service.d/files.conf; systemctl daemon-reload");
    const auto elsewhere = told("mastobak check-config");
    INFO(elsewhere);
    CHECK(has(elsewhere, "database 'it's' at '/run/postgresql:5432'"));
    sh("rm -r /etc/systemd/system/mastodon-web.service.d; systemctl daemon-reload");

    // If no units are configured and none is stopped, they are not mentioned.
    sh("cp /etc/mastobak/mastobak.yaml /root/units.yaml; "
       "sed -i 's|^  units:.*|  units: []|' /etc/mastobak/mastobak.yaml; "
       "printf 'consistency: live\\n' >> /etc/mastobak/mastobak.yaml");
    const auto live = told("mastobak check-config");
    INFO(live);
    CHECK_FALSE(has(live, "\nunits "));
    CHECK(live.ends_with("\n0"));
    sh("cp /root/units.yaml /etc/mastobak/mastobak.yaml");

    // Each local role needs a password.
    sh("printf 'local all postgres peer\\nlocal all all scram-sha-256\\n' > /srv/pg/pg_hba.conf; "
       "systemctl reload postgresql-test");
    const auto set_up = told("mastobak setup --force");
    INFO(set_up);
    CHECK(has(set_up, "'mastobak' was created, but cannot log in: "));
    CHECK(has(set_up, "write this line before the first one of /srv/pg/pg_hba.conf"));
    CHECK(has(set_up, "local mastodon_production mastobak peer"));
    sh("sed -i '1i local mastodon_production mastobak peer' /srv/pg/pg_hba.conf; "
       "systemctl reload postgresql-test");
    CHECK(told("mastobak setup --force").ends_with("\n0"));

    // A Mastodon at another place, whose units have other names.
    sh("cp -a /home/mastodon/live /srv/fedi; mv /home/mastodon/live /home/mastodon/away; "
       "mv /etc/systemd/system/mastodon-* /root; systemctl daemon-reload; "
       "systemctl stop 'mastodon-*'; systemctl reset-failed; "
       "rm /etc/mastobak/mastobak.yaml");
    const auto lost = told("mastobak setup");
    INFO(lost);
    CHECK(has(lost, "hint: mastobak setup --directory DIR, where DIR has Mastodon's .env"));
    CHECK(has(told("mastobak setup --directory /srv/nowhere"), "is not at '/srv/nowhere'"));
    CHECK(has(told("cd /srv; mastobak setup --directory fedi"), "mastodon     /srv/fedi"));
    CHECK(sh("grep -c '\"/srv/fedi' /etc/mastobak/mastobak.yaml") == "2");
    CHECK(has(told("mastobak setup --directory /srv/fedi"), "--directory would be ignored"));

    // Its units, which setup finds by their directory, with a rule of polkit for them.
    sh("for name in web sidekiq; do printf '[Service]\\nUser=mastodon\\nExecStart=sleep infinity\\n"
       "WorkingDirectory=/srv/fedi\\n' > /etc/systemd/system/fedi-$name.service; done; "
       "systemctl daemon-reload; systemctl start fedi-sidekiq fedi-web");
    const auto found = told("mastobak setup --force --directory /srv/fedi");
    INFO(found);
    CHECK(has(found, "its units are fedi-web.service, fedi-sidekiq.service"));
    CHECK(has(found, "wrote        /etc/polkit-1/rules.d/45-mastobak.rules"));
    CHECK(eventually("mastobak check-config"));
    sh("systemctl restart mastobak");
    CHECK(told("mastobak run").ends_with("\n0"));
    CHECK(sh("systemctl is-active fedi-web fedi-sidekiq") == "active\nactive");
    CHECK(has(journal(), "fedi-sidekiq.service"));
    // The units of another directory are not taken.
    sh("cp /root/mastodon-web.service /etc/systemd/system; systemctl daemon-reload; "
       "systemctl start --no-block mastodon-web; cp -a /srv/fedi /srv/empty");
    CHECK(has(told("mastobak setup --force --directory /srv/empty"),
              "no loaded unit runs in '/srv/empty': 'mastodon-web.service' runs in"));
}
