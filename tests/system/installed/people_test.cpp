// SPDX-License-Identifier: GPL-3.0-or-later
// The messages on a terminal.

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/installed_host.hpp"

using mastobak::test::has;
using mastobak::test::InstalledHost;
using nlohmann::json;

namespace {

struct PeopleHost : InstalledHost {
    PeopleHost() { sh("useradd stranger; useradd -G mastobak colleague"); }

    /// Returns both outputs of a command, whatever its exit status.
    std::string told(const std::string& command) const { return sh(command + " 2>&1 || true"); }
    int status_of(const std::string& command) const {
        return exec({"bash", "-c", command}).exit_status;
    }
};

}  // namespace

TEST_CASE_METHOD(PeopleHost, "without daemon or configuration, what is said is true") {
    for (const auto* command : {"run", "run --follow", "cancel", "drill", "upload"}) {
        CAPTURE(command);
        CHECK(told(std::string("mastobak ") + command) ==
              "mastobak: the daemon is not running; hint: systemctl start mastobak; run and drill "
              "work without it, with --standalone");
    }
    // For another user, a directory without access is not a missing one.
    const auto check = told("runuser -u colleague -- mastobak check-config");
    CHECK(has(check, "this user may see less than the daemon"));
    CHECK(has(check, "'/home/mastodon/live': Permission denied; hint: this user may not do that"));
    CHECK_FALSE(has(check, "no such directory"));
    for (const auto* command : {"list", "show", "verify", "browse", "find x", "report",
                                "prune --dry-run", "keep latest"}) {
        CAPTURE(command);
        const auto said = told(std::string("runuser -u colleague -- mastobak ") + command);
        CHECK(has(said, "Permission denied"));
        CHECK(has(said,
                  "; hint: this user may not do that, but root may: sudo mastobak; members of "));
    }
    sh("mastobak run --standalone --no-upload");
    const auto hidden = told("runuser -u stranger -- mastobak status");
    CHECK(has(hidden, "this user may not read what mastobak has recorded; hint: sudo mastobak"));
    CHECK_FALSE(has(hidden, "there is no backup set yet"));
    CHECK_FALSE(has(hidden, "no remote is configured"));
    CHECK_FALSE(has(told("mastobak status"), "no remote is configured"));
    sh("mv /etc/mastobak/mastobak.yaml /root");
    CHECK(status_of("mastobak status") == 3);
    CHECK(has(told("mastobak status"), "the configuration cannot be used: "));
    sh("mv /root/mastobak.yaml /etc/mastobak");

    start_daemon();
    sh("mv /etc/mastobak/mastobak.yaml /root");
    CHECK(status_of("mastobak status") == 1);
    sh("mv /root/mastobak.yaml /etc/mastobak");
    CHECK(
        told("runuser -u stranger -- mastobak run") ==
        "mastobak: this user may not ask the daemon for that; hint: root and the group 'mastobak' "
        "may");
    CHECK(has(told("mastobak run --follow"), "no run is in progress"));
    // Commands with another configuration than the daemon's are refused.
    sh("cp /etc/mastobak/mastobak.yaml /srv/other.yaml");
    for (const auto* command : {"run", "run --follow", "cancel", "upload", "drill", "prune"}) {
        CAPTURE(command);
        CHECK(told(std::string("mastobak --config /srv/other.yaml ") + command) ==
              "mastobak: the daemon uses the configuration '/etc/mastobak/mastobak.yaml', not "
              "'/srv/other.yaml'; hint: leave --config out; run and drill use it with "
              "--standalone");
    }
    CHECK(status_of("mastobak --config /srv/other.yaml status") == 3);
    CHECK(status_of("mastobak --config /etc/mastobak/../mastobak/mastobak.yaml cancel") == 0);
    CHECK(has(told("mastobak upload"), "every set is at every remote"));
    sh("sed -i '/^offsite:/,$d' /etc/mastobak/mastobak.yaml; systemctl reload mastobak");
    CHECK(eventually("mastobak upload 2>&1 | grep -q 'no remote is configured'"));
    CHECK(has(told("mastobak status"), "nothing is off-site: no remote is configured"));
    CHECK(has(told("mastobak acknowledge"), "1 warning is acknowledged"));
    CHECK_FALSE(has(told("mastobak status"), "nothing is off-site"));
    CHECK(status_of("mastobak upload") == 2);
}

TEST_CASE_METHOD(PeopleHost, "tables have eighty columns, a pipe may end, times are jq's") {
    start_daemon();
    REQUIRE(mastobak({"run"}) == 0);
    CHECK(sh("mastobak list | awk 'length > 80'") == "");
    sh("for i in $(seq 20); do mastobak browse 2>> /root/broken | head -n 1 > /dev/null; "
       "case ${PIPESTATUS[0]} in 0 | 141) ;; *) exit 1 ;; esac; done; test ! -s /root/broken");
    CHECK(has(told("mastobak status"), ", 0 warnings\n"));
    CHECK(sh("mastobak status | grep -cE '^next run +[0-9-]+ [0-9:]+ [+-][0-9]{4}$'") == "1");
    sh("mastobak status --json | jq -e '.history.last_run.started_at | fromdate'");
    sh("mastobak show --json | jq -e '.instant | fromdate'");
    sh("mastobak browse --json | jq -e '.mtime | fromdate' | tail -n 1");

    // A target that is full, without access or read-only is one problem, not one per file.
    sh("mkdir -p /small && mount -t tmpfs -o size=100k none /small");
    const auto full = told("mastobak extract latest media_attachments --to /small");
    CHECK(has(full, "No space left on device; hint: make room on that file system"));
    CHECK_FALSE(has(full, "staging"));
    sh("mount -o remount,ro /small");
    const auto closed = told("mastobak extract latest media_attachments --to /small");
    CHECK(closed ==
          "mastobak: cannot write '/small': Read-only file system; hint: choose a place on a "
          "writable file system");
    sh("umount /small; chmod 755 /small");
    const auto refused =
        told("runuser -u mastobak -- mastobak extract latest media_attachments --to /small");
    CHECK(refused.starts_with("mastobak: cannot write '/small': Permission denied; hint: "));

    // A damaged set is summarized on a terminal, and complete in JSON.
    const auto pack = sh("echo /var/lib/mastobak/staging/media/*-0001.tar");
    sh("truncate -s 1M " + pack);
    const auto damage = told("mastobak verify");
    CHECK(std::count(damage.begin(), damage.end(), '\n') < 10);
    CHECK(has(damage, "more problems, which --json lists"));
    const auto all = json::parse(sh("mastobak verify --json || true"));
    CHECK(all.at(0).at("problems").size() > 9);
}

TEST_CASE_METHOD(PeopleHost, "Ctrl-C leaves a run alone, and the run can be followed again") {
    start_daemon();
    hold_dump();
    sh("mastobak run > /run/first 2>&1 & echo $! > /run/first.pid; disown");
    REQUIRE(dump_is_held());
    CHECK(eventually("grep -q dump /run/first"));
    sh("kill -INT $(cat /run/first.pid)");
    CHECK(
        eventually("grep -q 'the run continues in the daemon; mastobak run --follow' /run/first"));
    CHECK(has(told("mastobak run"), "mastobak run --follow follows the one in progress"));
    sh("mastobak run --follow > /run/second 2>&1 & disown");
    CHECK(eventually("grep -q dump /run/second"));
    release_dump();
    CHECK(eventually("grep -q '^published set' /run/second"));
}
