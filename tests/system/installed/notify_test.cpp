// SPDX-License-Identifier: GPL-3.0-or-later
// Notifications and hooks on a host with the daemon's real sandbox: a stand-in for healthchecks.io
// by TLS, a plain URL, a real sendmail (msmtp), and a command.

#include <memory>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/has.hpp"
#include "support/installed_host.hpp"
#include "support/test_host.hpp"

using mastobak::test::has;
using mastobak::test::InstalledHost;
using mastobak::test::TestHost;
using nlohmann::json;

namespace {

struct NotifyHost : InstalledHost {
    NotifyHost() {
        const auto made = mastobak::test::certificates_for_localhost();
        sh("install -d /run/stand-in; cat > /run/stand-in/server.crt <<'PEM'\n" + made.certificate +
           "PEM\ncat > /run/stand-in/server.key <<'PEM'\n" + made.key +
           "PEM\ncat > /usr/local/share/ca-certificates/test.crt <<'PEM'\n" + made.root + "PEM");
        sh(R"sh(set -euo pipefail
            update-ca-certificates > /dev/null
            systemd-run -q --unit=stand-in \
                /opt/mastobak/tests/support/healthchecks-stand-in /run/stand-in 8443 8080 2525
            ln -sf ../bin/msmtp /usr/sbin/sendmail  # as the package msmtp-mta does
            printf 'account default\nhost 127.0.0.1\nport 2525\nfrom mastobak@example.org\n' \
                > /etc/msmtprc
            echo https://localhost:8443/ping/0b1c-secret > /etc/mastobak/healthchecks-url
            chown mastobak: /etc/mastobak/healthchecks-url; chmod 600 /etc/mastobak/healthchecks-url
            cat > /usr/local/bin/tell <<'SH'
#!/bin/sh
{ cat; env | grep ^MASTOBAK_; } > "/var/lib/mastobak/told.$1.$MASTOBAK_EVENT"
SH
            chmod 755 /usr/local/bin/tell
            cat >> /etc/mastobak/mastobak.yaml <<'YAML'
notify:
  - name: watch
    type: healthchecks
    url_file: /etc/mastobak/healthchecks-url
    log: true
  - name: kuma
    type: ping
    url: http://127.0.0.1:8080/api/push/0b1c-secret?status=up&msg=OK&ping=
  - name: admin
    type: mail
    to: admin@example.org
  - name: phone
    type: command
    command: [/usr/local/bin/tell, notify]
    on: [failure, unhealthy, recovery, drill]
report: true
metrics:
  textfile: /var/lib/mastobak/mastobak.prom
YAML
            chown mastobak: /etc/mastobak/mastobak.yaml; chmod 600 /etc/mastobak/mastobak.yaml
            timeout 20 sh -c 'until [ -e /run/stand-in/status ]; do sleep 0.1; done')sh");
    }

    /// Waits until a command succeeds, at most 10 s, which is the limit for a message.
    bool within_10_s(const std::string& command) const { return within("10", command); }
    /// Does the same with the back-off of a message that was attempted several times.
    bool after_back_off(const std::string& command) const { return within("120", command); }
    bool within(const char* seconds, const std::string& command) const {
        const auto waiting = "until " + command + "; do sleep 0.1; done";
        return exec({"timeout", seconds, "bash", "-c", waiting}).ok();
    }
    /// Waits until the metrics for node_exporter have a line.
    bool measures(const std::string& line) const {
        return within_10_s("grep -qx '" + line + "' /var/lib/mastobak/mastobak.prom");
    }
    std::string status() const { return sh("cat /run/stand-in/status"); }
    std::vector<json> lines(const std::string& file) const {
        std::istringstream in(sh("cat /run/stand-in/" + file + " 2>/dev/null || true"));
        std::vector<json> all;
        for (std::string line; std::getline(in, line);) all.push_back(json::parse(line));
        return all;
    }
    /// Returns the requests whose path begins with a text.
    std::vector<json> requests(const std::string& path) const {
        auto all = lines("requests");
        std::erase_if(all, [&](const json& request) {
            return !request["path"].get<std::string>().starts_with(path);
        });
        return all;
    }
};

}  // namespace

TEST_CASE_METHOD(NotifyHost, "a failed night reaches each kind of target within ten seconds") {
    CHECK(mastobak({"check-config"}) == 0);
    start_daemon();
    CHECK(mastobak({"run"}) == 0);
    CHECK(within_10_s("grep -q ^up /run/stand-in/status"));
    CHECK(within_10_s("grep -q api/push /run/stand-in/requests"));
    const auto good = requests("/ping/");
    REQUIRE(good.size() == 2);
    CHECK(good[0]["path"] == "/ping/0b1c-secret/start");
    CHECK(good[1]["path"] == "/ping/0b1c-secret");
    CHECK(good[0]["query"]["rid"] == good[1]["query"]["rid"]);
    CHECK(has(good[1]["body"], "result=success"));
    CHECK(requests("/api/push/")[0]["query"]["status"] == "up");
    CHECK(lines("mails").empty());
    CHECK(measures("mastobak_last_run_success 1"));
    CHECK(sh("stat -c %a /var/lib/mastobak/mastobak.prom") == "644");

    sh("mv /home/mastodon/live/.env.production /root/env");
    const auto failed = mastobak({"run"});
    CHECK(measures("mastobak_last_run_success 0"));
    CHECK(within_10_s("grep -q env.production /var/lib/mastobak/report.html"));
    CHECK(failed != 0);
    CHECK(within_10_s("grep -q ^down /run/stand-in/status"));
    CHECK(within_10_s("grep -q '\"status\": \"down\"' /run/stand-in/requests"));
    CHECK(within_10_s("test -s /run/stand-in/mails"));
    CHECK(within_10_s("test -s /var/lib/mastobak/told.notify.failure"));
    CHECK(within_10_s("test -s /var/lib/mastobak/told.notify.unhealthy"));
    CHECK(status() == "down: " + std::to_string(failed));
    REQUIRE(lines("mails").size() == 1);
    const auto mail = lines("mails")[0];
    CHECK(has(mail["subject"], "UNHEALTHY: the last run"));
    CHECK(mail["to"] == json{"admin@example.org"});
    CHECK(mail["headers"]["Auto-Submitted"] == "auto-generated");
    CHECK(has(mail["text"], ".env.production"));
    const auto told = sh("cat /var/lib/mastobak/told.notify.failure");
    CHECK(has(told, "MASTOBAK_EXIT_STATUS=" + std::to_string(failed)));
    CHECK(has(told, "MASTOBAK_RUN="));
    // The same failure again is not reported.
    CHECK(mastobak({"run"}) == failed);
    CHECK(within_10_s("test $(grep -c /ping/ /run/stand-in/requests) -eq 6"));
    CHECK(lines("mails").size() == 1);

    sh("mv /root/env /home/mastodon/live/.env.production");
    CHECK(mastobak({"run"}) == 0);
    CHECK(within_10_s("grep -q ^up /run/stand-in/status"));
    CHECK(within_10_s("test $(grep -c . /run/stand-in/mails) -eq 2"));
    CHECK(has(lines("mails")[1]["subject"], "healthy again"));
    CHECK(within_10_s("test -s /var/lib/mastobak/told.notify.recovery"));

    // A test message of each event, by the daemon and without it.
    for (const auto* command : {"mastobak notify --test", "mastobak notify --test --standalone"}) {
        const auto tested = sh(std::string(command) + " 2>&1");
        CHECK(has(tested, "sent start, failure, warnings, success"));
        CHECK(has(tested, "sent unhealthy, recovery"));
    }
    CHECK(sh("mastobak notify --test admin --json | jq -c '.targets[0].sent'") ==
          R"(["unhealthy","recovery"])");
    CHECK(sh("mastobak notify --test --json > /root/document; "
             "/opt/mastobak/tests/support/validate-json /usr/share/mastobak/schema/notify.json "
             "< /root/document 2>&1 || true") == "");
    CHECK(mastobak({"notify", "--test", "nothing"}) == 2);
    CHECK(mastobak({"notify"}) == 2);
    sh("systemctl stop stand-in");
    const auto refused = exec({"bash", "-c", "mastobak notify --test watch 2>&1"});
    CHECK(refused.exit_status == 13);
    CHECK(has(refused.output, "https://localhost:8443: Connection refused"));

    // The URL is a secret.
    CHECK_FALSE(has(refused.output, "secret"));
    CHECK_FALSE(has(journal(), "secret"));
    CHECK(sh("grep -rl 0b1c-secret /var/lib/mastobak /run/mastobak || true") == "");
    CHECK_FALSE(
        has(sh("set +e; mastobak check-config; mastobak check-config --json; mastobak status; "
               "mastobak status --json; mastobak notify --test --json; "
               "busctl introspect org.mastobak.Daemon1 /org/mastobak/Daemon1; true"),
            "0b1c"));
}

TEST_CASE_METHOD(NotifyHost, "a target that hangs holds up nothing") {
    start_daemon();
    CHECK(mastobak({"run"}) == 0);
    CHECK(within_10_s("grep -q ^up /run/stand-in/status"));

    // All targets hang, except the command.
    sh("systemctl kill -s STOP stand-in; mv /home/mastodon/live/.env.production /root/env");
    CHECK(mastobak({"run"}) != 0);
    CHECK(within_10_s("test -s /var/lib/mastobak/told.notify.failure"));
    CHECK(exec({"timeout", "5", "systemctl", "stop", "mastobak"}).ok());
    CHECK(sh("jq -r '[.letters[].target] | unique | join(\" \")' "
             "/var/lib/mastobak/notifications.json") == "admin kuma watch");
    sh("systemctl kill -s CONT stand-in");
    start_daemon();
    CHECK(within_10_s("grep -q ^down /run/stand-in/status"));
    CHECK(within_10_s("test -s /run/stand-in/mails"));
    CHECK(within_10_s("jq -e '.letters | length == 0' /var/lib/mastobak/notifications.json"));
    CHECK(lines("mails").size() == 1);
    sh("mv /root/env /home/mastodon/live/.env.production");
    CHECK(mastobak({"run"}) == 0);
    CHECK(within_10_s("grep -q ^up /run/stand-in/status"));
}

TEST_CASE("a dead host is noticed by the service elsewhere that it does not report to any more") {
    const TestHost service({.bind_read_only = {SOURCE_DIR ":/opt/mastobak"}});
    auto host = std::make_unique<InstalledHost>();
    host->host().link("10.99.0.1/24", service, "10.99.0.2/24");
    const auto made = mastobak::test::certificates_for_localhost();
    service.sh("install -d /run/stand-in; cat > /run/stand-in/server.crt <<'PEM'\n" +
               made.certificate + "PEM\ncat > /run/stand-in/server.key <<'PEM'\n" + made.key +
               "PEM");
    service.sh(R"sh(echo 10 > /run/stand-in/period
        systemd-run -q --unit=stand-in \
            /opt/mastobak/tests/support/healthchecks-stand-in /run/stand-in 8443 8080 2525 10.99.0.2
        timeout 20 sh -c 'until [ -e /run/stand-in/status ]; do sleep 0.1; done')sh");
    const auto says = [&](const std::string& status) {
        const auto waiting =
            "until grep -q '^" + status + "' /run/stand-in/status; do sleep 0.1; done";
        return service.exec({"timeout", "30", "bash", "-c", waiting}).ok();
    };
    host->sh(R"sh(cat >> /etc/mastobak/mastobak.yaml <<'YAML'
notify:
  - name: watch
    type: healthchecks
    url: http://10.99.0.2:8080/ping/0b1c
YAML
        chown mastobak: /etc/mastobak/mastobak.yaml; chmod 600 /etc/mastobak/mastobak.yaml)sh");
    host->start_daemon();
    REQUIRE(host->mastobak({"run"}) == 0);
    CHECK(says("up"));
    const auto requests = service.sh("wc -l < /run/stand-in/requests");

    host.reset();  // kills all of its processes
    CHECK(says("down: late"));
    CHECK(service.sh("wc -l < /run/stand-in/requests") == requests);
}

TEST_CASE_METHOD(NotifyHost, "a run without the daemon, as from cron, notifies the same targets") {
    CHECK(mastobak({"run", "--standalone"}) == 0);
    CHECK(status() == "up");
    CHECK(requests("/ping/").size() == 2);
    CHECK(lines("mails").empty());
    sh("mv /home/mastodon/live/.env.production /root/env");
    const auto failed = mastobak({"run", "--standalone"});
    CHECK(status() == "down: " + std::to_string(failed));
    REQUIRE(lines("mails").size() == 1);
    CHECK(has(lines("mails")[0]["text"], ".env.production"));
    CHECK(has(sh("cat /var/lib/mastobak/told.notify.failure"), "MASTOBAK_RUN="));
    // A dry run does not.
    CHECK(mastobak({"run", "--standalone", "--dry-run"}) == failed);
    CHECK(requests("/ping/").size() == 4);

    // The daemon knows what the targets know.
    start_daemon();
    CHECK(mastobak({"run", "--standalone"}) == failed);
    CHECK(within_10_s("test $(grep -c /ping/ /run/stand-in/requests) -eq 6"));
    CHECK(lines("mails").size() == 1);
    sh("mv /root/env /home/mastodon/live/.env.production");
    CHECK(mastobak({"run", "--standalone"}) == 0);
    CHECK(within_10_s("test $(grep -c /ping/ /run/stand-in/requests) -eq 8"));
    CHECK(within_10_s("test $(grep -c . /run/stand-in/mails) -eq 2"));
    CHECK(has(lines("mails")[1]["subject"], "healthy again"));

    // What cannot be sent is sent by the daemon.
    sh("systemctl stop mastobak; systemctl kill -s STOP stand-in; "
       "mv /home/mastodon/live/.env.production /root/env");
    CHECK(mastobak({"run", "--standalone"}) == failed);
    CHECK(sh("jq -r '[.letters[].target] | unique | join(\" \")' "
             "/var/lib/mastobak/notifications.json") == "admin kuma watch");
    CHECK_FALSE(has(journal(), "0b1c"));
    sh("systemctl kill -s CONT stand-in");
    start_daemon();
    CHECK(after_back_off("grep -q ^down /run/stand-in/status"));
    CHECK(after_back_off("test $(grep -c . /run/stand-in/mails) -eq 3"));
}

TEST_CASE_METHOD(NotifyHost,
                 "hooks are run around a run and its freeze, and stop it if they say so") {
    sh(R"sh(cat > /usr/local/bin/hook <<'SH'
#!/bin/sh
# Which units run shows that Mastodon is not stopped at these moments.
echo "$MASTOBAK_EVENT $(systemctl is-active mastodon-web) $MASTOBAK_RESULT $MASTOBAK_EXIT_STATUS" \
    >> /var/lib/mastobak/hooks
[ "$MASTOBAK_EVENT" != "$(cat /var/lib/mastobak/fails 2>/dev/null)" ] || { echo "no disk" >&2; exit 7; }
SH
        chmod 755 /usr/local/bin/hook
        { echo hooks:
          for hook in before_run after_run after_failure before_freeze after_freeze; do
              printf '  %s:\n    command: [/usr/local/bin/hook]\n' $hook
          done; } >> /etc/mastobak/mastobak.yaml)sh");
    start_daemon();
    const auto hooks = [&] {
        return sh("cat /var/lib/mastobak/hooks; rm /var/lib/mastobak/hooks");
    };
    const auto fails = [&](const std::string& hook) {
        sh("echo " + hook +
           " > /var/lib/mastobak/fails; chmod 644 /var/lib/mastobak/fails; "
           "chown mastobak: /var/lib/mastobak/fails");
        return exec({"bash", "-c", "mastobak run 2>&1"});
    };
    CHECK(mastobak({"run"}) == 0);
    CHECK(hooks() ==
          "before_run active  \nbefore_freeze active  \nafter_freeze active  \n"
          "after_run active success ");

    const auto before_run = fails("before_run");
    CHECK(before_run.exit_status == 13);
    CHECK(has(before_run.output,
              "the hook before_run ('/usr/local/bin/hook') failed: exit status 7: no disk"));
    CHECK(hooks() ==
          "before_run active  \nafter_failure active failure 13\n"
          "after_run active failure 13");
    CHECK(fails("before_freeze").exit_status == 13);
    CHECK(hooks() ==
          "before_run active  \nbefore_freeze active  \nafter_freeze active  \n"
          "after_failure active failure 13\nafter_run active failure 13");
    CHECK(sh("mastobak status --json | jq .history.last_run.stopped_mastodon") == "false");
    const auto after_freeze = fails("after_freeze");
    CHECK(after_freeze.exit_status == 0);
    CHECK(has(after_freeze.output, "warning: the hook after_freeze"));
    hooks();
    CHECK(fails("after_run").exit_status == 0);
    hooks();
    // A dry run does not run them.
    CHECK(mastobak({"run", "--dry-run"}) == 0);
    CHECK(sh("ls /var/lib/mastobak/hooks 2>/dev/null || true") == "");
    CHECK(mastodon_runs());
    CHECK(sets().size() == 3);

    sh("install -m 755 /usr/local/bin/hook /etc/mastobak/hook; "
       "sed -i 's|command: ./usr/local/bin/hook.|command: [/etc/mastobak/hook]|' "
       "/etc/mastobak/mastobak.yaml");
    const auto checked = exec({"bash", "-c", "mastobak check-config 2>&1"});
    CHECK(checked.exit_status == 13);
    CHECK(has(checked.output, "its unit permits programs in /usr and /opt only"));
}
