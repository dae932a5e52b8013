// SPDX-License-Identifier: GPL-3.0-or-later
// The output of --json matches packaging/schema.

#include <string>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;

namespace {

struct JsonHost : InstalledHost {
    /// Returns the difference between a schema and the document that a command prints, whatever its
    /// exit status; empty if there is none.
    std::string differs(const std::string& schema, const std::string& command) const {
        return sh(
            "(" + command +
            " 2>/dev/null || true) > /root/document; "
            "/opt/mastobak/tests/support/validate-json /usr/share/mastobak/schema/" +
            schema + ".json" +
            (schema == "browse" || schema == "find" || schema == "diff-line" ? " --lines" : "") +
            " < /root/document 2>&1 || true");
    }
};

}  // namespace

TEST_CASE_METHOD(JsonHost, "each document has the members of its schema, and no others") {
    CHECK(differs("error", "mastobak run --json") == "");
    CHECK(differs("status", "mastobak status --json") == "");
    CHECK(differs("estimate", "mastobak estimate --json") == "");
    start_daemon();
    // A missing file, a file that is not backed up, and a symlink: these make warnings and links.
    sh("cd /home/mastodon/live/public/system; find media_attachments -type f -print -quit | xargs "
       "rm; "
       "runuser -u mastodon -- mkfifo odd; mv media_attachments /srv/media; "
       "ln -s /srv/media media_attachments");
    hold_dump();
    sh("(mastobak run --json > /root/run.json 2>/dev/null & disown) ; true");
    REQUIRE(dump_is_held());
    CHECK(differs("status", "mastobak status --json") == "");  // after a run
    release_dump();
    CHECK(eventually("test -s /root/run.json"));
    CHECK(differs("run", "cat /root/run.json") == "");
    CHECK(sh("jq .ok /root/run.json") == "true");
    CHECK(eventually("mastobak status --json | jq -e '.offsite[0].queued == 0'"));
    CHECK(differs("run", "mastobak run --standalone --no-upload --json") == "");
    CHECK(differs("run", "mastobak run --dry-run --json") == "");
    // The daemon makes a drill with the first copy.
    CHECK(eventually("mastobak status --json | jq -e '.drilling == null and .drills.last'"));
    CHECK(differs("drill", "mastobak drill --json") == "");
    CHECK(differs("status", "mastobak status --json") == "");
    CHECK(differs("list", "mastobak list --json") == "");
    CHECK(differs("estimate", "mastobak estimate --json") == "");
    CHECK(differs("show", "mastobak show --json") == "");
    CHECK(differs("prune", "mastobak prune --dry-run --json") == "");
    CHECK(differs("browse", "mastobak browse --json") == "");
    CHECK(differs("find", "mastobak find media_attachments --json") == "");
    const std::string oldest = "$(ls /var/lib/mastobak/staging/sets | head -n 1)";
    CHECK(differs("diff", "mastobak diff " + oldest + " --json") == "");
    // A file that the other set does not have.
    sh("runuser -u mastodon -- touch /home/mastodon/live/public/system/new; "
       "mastobak run --note 'before 4.7' --json > /root/run.json");
    CHECK(differs("run", "cat /root/run.json") == "");
    CHECK(sh("mastobak show --json | jq -r .note") == "before 4.7");
    CHECK(sh("mastobak list | grep -c 'before 4.7'") == "1");
    CHECK(differs("diff", "mastobak diff " + oldest + " --json") == "");
    CHECK(differs("diff-line", "mastobak diff " + oldest + " --list --json | head -n -1") == "");
    CHECK(differs("extract", "mastobak extract latest media_attachments --to /root/x --json") ==
          "");
    CHECK(differs("check-config", "mastobak check-config --json") == "");
    CHECK(differs("acknowledge", "mastobak acknowledge --json") == "");
    CHECK(differs("restore-plan", "mastobak restore --plan --json") == "");  // with a problem
    CHECK(differs("restore-plan", "mastobak restore --plan --replace --in-place --json") == "");
    CHECK(differs("restore", "mastobak restore --replace --in-place --yes --json") == "");
    CHECK(differs("error", "mastobak show 20000101T000000Z --json") == "");
    // With a damaged set, a failed run, a failed drill, and an invalid configuration.
    sh("truncate -s 9 /var/lib/mastobak/staging/sets/$(ls /var/lib/mastobak/staging/sets | tail -n "
       "1)/manifest.json");
    CHECK(differs("list", "mastobak list --json") == "");
    CHECK(differs("estimate", "mastobak estimate --json") == "");
    CHECK(differs("verify", "mastobak verify --all --json") == "");
    CHECK(differs("drill", "mastobak drill --standalone --from /nowhere --json") == "");
    sh("mv /home/mastodon/live/.env.production /root/env");
    CHECK(differs("run", "mastobak run --json") == "");
    CHECK(differs("check-config", "mastobak check-config --json") == "");
    CHECK(differs("status", "mastobak status --json") == "");
    sh("echo 'odd: key' >> /etc/mastobak/mastobak.yaml; systemctl reload mastobak");
    CHECK(differs("check-config", "mastobak check-config --json") == "");
    CHECK(differs("status", "mastobak status --json") == "");
    // jq can read all times.
    sh("mastobak status --json | jq -e '.history.last_run.started_at, .history.known_since, "
       ".next_run | fromdate'");
}
