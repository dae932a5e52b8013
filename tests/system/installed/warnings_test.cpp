// SPDX-License-Identifier: GPL-3.0-or-later
// Warnings that an administrator has acknowledged.

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/installed_host.hpp"

using mastobak::test::has;
using mastobak::test::InstalledHost;
using nlohmann::json;

namespace {

struct WarningsHost : InstalledHost {
    static constexpr auto media = "/home/mastodon/live/public/system/";

    /// Returns the path of the original of an attachment, by its position in the index.
    std::string original(int number) const {
        return sh(std::string("cd ") + media +
                  " && find media_attachments -path '*/original/*' | LC_ALL=C sort | sed -n " +
                  std::to_string(number) + "p");
    }
    void lose(const std::string& path) const { sh(std::string("rm ") + media + path); }
    std::string run() const { return sh("mastobak run 2>&1"); }
    int lines_in_journal(const std::string& part) const {
        return std::stoi(
            sh("journalctl --no-pager -o cat -u mastobak | grep -cF \"" + part + "\" || true"));
    }
    json last() const {
        return json::parse(sh("mastobak status --json || true"))["history"]["last_success"];
    }
};

}  // namespace

TEST_CASE_METHOD(WarningsHost,
                 "a missing file is told once, with the way back, until it is known") {
    start_daemon();
    CHECK_FALSE(has(run(), "warning"));
    const auto first = sets().back();
    const auto lost = original(1), another = original(3);
    lose(lost);
    const auto told = run();
    INFO(told << "\n" << journal());
    CHECK(has(told,
              "warning: 1 file that the database names does not exist, and did not before this "
              "backup; 1 new since set " +
                  first +
                  ": see 'missing-media.txt' in the set, ignoring; hint: mastobak extract " +
                  first + " '" + lost + "' gets it back"));
    CHECK(lines_in_journal("missing-media") == 1);
    CHECK(lines_in_journal(lost) == 1);
    // The command of the hint works.
    sh("mkdir /root/back && cd /root/back && mastobak extract " + first + " '" + lost +
       "' && test -s '" + lost + "'");

    // The file is no longer new, but the warning is repeated until it is acknowledged.
    CHECK(has(run(), "; none new since set "));
    CHECK(last()["warnings"].size() == 1);
    CHECK(has(sh("mastobak acknowledge --list"), "  1  reported      1 file that"));
    CHECK(has(sh("mastobak acknowledge"), "1 warning is acknowledged: "));
    CHECK(last()["warnings"].empty());
    CHECK(has(sh("mastobak status"), ", 0 warnings, 1 acknowledged\n"));
    CHECK_FALSE(has(run(), "warning"));
    CHECK(lines_in_journal("missing-media") == 2);
    CHECK(has(sh("mastobak status"), ", 0 warnings, 1 acknowledged\n"));
    CHECK(last()["acknowledged_files"] == 1);
    CHECK(has(sh("mastobak acknowledge --list"),
              "1 file that set " + sets().back() + " lacks is acknowledged"));

    // Another missing file gives a warning about this file only.
    lose(another);
    const auto again = run();
    CHECK(has(again, "warning: 1 file that the database names does not exist"));
    CHECK(has(again, "; 1 acknowledged: see "));
    CHECK(has(again, another));
    CHECK_FALSE(has(again, lost));
    sh("mastobak acknowledge 1 --json | jq -e '.warnings[0].acknowledged == true'");
    CHECK_FALSE(has(run(), "warning"));
    CHECK(last()["acknowledged_files"] == 2);

    CHECK(mastobak({"acknowledge", "7"}) == 2);
    CHECK(mastobak({"acknowledge", "1", "--list"}) == 2);
    sh("mastobak acknowledge --undo");
    CHECK(has(run(), "warning: 2 files that the database names do not exist"));
    CHECK(has(sh("runuser -u nobody -- mastobak acknowledge 2>&1 || true"), "sudo mastobak"));
}
