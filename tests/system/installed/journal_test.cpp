// SPDX-License-Identifier: GPL-3.0-or-later
// What the daemon writes into a real journal can be found by its fields, and explained by the
// catalog.

#include <string>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;

TEST_CASE_METHOD(InstalledHost, "the journal has the fields and the explanation of each event") {
    start_daemon();
    sh("mastobak run --note 'before 4.7'");
    const auto run = sh("mastobak status --json | jq -r .history.last_run.id");
    const auto entry = [this](const std::string& matches, const std::string& field) {
        return sh("journalctl --sync; journalctl -u mastobak " + matches + " -o json | jq -r '." +
                  field + "' | tail -n 1");
    };
    CHECK(entry("MASTOBAK_EVENT=run-succeeded", "MASTOBAK_RUN") == run);
    CHECK(entry("MASTOBAK_EVENT=run-succeeded", "MASTOBAK_SET") == run);
    CHECK(entry("MASTOBAK_RUN=" + run + " MASTOBAK_EVENT=run-started", "PRIORITY") == "6");
    CHECK(entry("MASTOBAK_EVENT=run-succeeded", "MESSAGE").starts_with("run=" + run + " result="));
    CHECK(entry("MASTOBAK_EVENT=run-succeeded", "SYSLOG_IDENTIFIER") == "mastobak");
    CHECK(eventually("journalctl -u mastobak MASTOBAK_EVENT=upload-finished | grep -q upload"));
    CHECK(entry("MASTOBAK_EVENT=upload-finished", "MASTOBAK_SET") == run);
    CHECK(entry("MASTOBAK_EVENT=upload-finished", "MASTOBAK_REMOTE") != "null");

    // A failure: the entry explains what to do.
    sh("mv /home/mastodon/live/.env.production /root/env; mastobak run || true");
    CHECK(entry("MASTOBAK_EVENT=run-failed", "PRIORITY") == "3");
    CHECK(sh("journalctl -x -u mastobak MASTOBAK_EVENT=run-failed | grep -c 'mastobak "
             "check-config'") != "0");
    // The report that the daemon keeps, when it is asked to.
    sh("mv /root/env /home/mastodon/live/.env.production; echo 'report: true' >> "
       "/etc/mastobak/mastobak.yaml; systemctl reload mastobak; mastobak run");
    CHECK(eventually("grep -q 'before 4.7' /var/lib/mastobak/report.html"));
    CHECK(sh("mastobak report | grep -c '<svg class=\"calendar\"'") == "1");
}
