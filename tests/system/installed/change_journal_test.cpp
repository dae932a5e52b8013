// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;

namespace {

/// The host's root is an overlay, which cannot have a journal. So the media get their own file
/// system.
void give_media_a_journal(const InstalledHost& host) {
    host.sh(R"(
cd /home/mastodon/live/public
mv system was
install -d system
mount -t tmpfs none system
cp -a was/. system)");
}

void upload(const InstalledHost& host, const std::string& name) {
    host.sh(
        "install -D -o mastodon -m 644 /dev/stdin /home/mastodon/live/public/system/"
        "media_attachments/files/999/original/" +
        name + " <<< picture");
}

/// Returns the daemon's new log messages.
class Log {
 public:
    explicit Log(const InstalledHost& host) : host_(host) {}
    bool says(const std::string& text) {
        const auto all = host_.journal();
        const auto fresh = all.substr(seen_);
        seen_ = all.size();
        UNSCOPED_INFO(fresh);
        return fresh.find(text) != std::string::npos;
    }

 private:
    const InstalledHost& host_;
    std::size_t seen_ = 0;
};

constexpr auto begins = "begins with the next run";
constexpr auto goes_on = "continues where the last daemon has ended";
constexpr auto walked = "walked the tree";

}  // namespace

TEST_CASE("the change journal goes on over a restart, with what happens meanwhile") {
    const InstalledHost host;
    give_media_a_journal(host);
    Log log(host);
    host.start_daemon();
    CHECK(log.says(begins));
    REQUIRE(host.mastobak({"run"}) == 0);
    CHECK(log.says(walked));

    upload(host, "before.jpg");
    host.sh("systemctl restart mastobak");
    upload(host, "after.jpg");
    CHECK(log.says(goes_on));
    CHECK(host.sh("systemctl show -P NFileDescriptorStore mastobak") == "1");
    REQUIRE(host.mastobak({"run"}) == 0);
    CHECK_FALSE(log.says(walked));
    const auto show = host.sh("mastobak show --json | tr -d ' \n'");
    INFO(show);
    CHECK(show.find("\"new_files\":2,") != std::string::npos);
    CHECK(host.mastobak({"verify", "--all"}) == 0);
}

TEST_CASE("a daemon that was killed or stopped does not know what changed, and says so") {
    const InstalledHost host;
    give_media_a_journal(host);
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    Log log(host);
    CHECK(log.says(walked));
    SECTION("killed") {
        host.sh("systemctl kill --signal=KILL --kill-who=main mastobak");
        CHECK(host.eventually("systemctl show -P NRestarts mastobak | grep -qx 1"));
        CHECK(host.eventually("systemctl is-active -q mastobak"));
    }
    SECTION("stopped") {
        host.sh("systemctl stop mastobak; systemctl start mastobak");
    }
    CHECK(log.says(begins));
    REQUIRE(host.mastobak({"run"}) == 0);
    CHECK(log.says(walked));
    REQUIRE(host.mastobak({"run"}) == 0);
    CHECK_FALSE(log.says(walked));
}

TEST_CASE("on a file system without a journal the daemon starts, and says once that it walks") {
    const InstalledHost host;
    Log log(host);
    host.start_daemon();
    CHECK(log.says("there is no change journal, so each run walks the media: "));
    CHECK(host.mastobak({"run"}) == 0);
}

TEST_CASE("a run without the daemon has a journal of its own, and leaves the daemon's whole") {
    const InstalledHost host;
    give_media_a_journal(host);
    host.start_daemon();
    REQUIRE(host.mastobak({"run"}) == 0);
    upload(host, "new.jpg");
    REQUIRE(host.mastobak({"run", "--standalone"}) == 0);
    Log log(host);
    CHECK(log.says(begins));
    REQUIRE(host.mastobak({"run"}) == 0);
    CHECK_FALSE(log.says(walked));
    CHECK(host.mastobak({"verify", "--all"}) == 0);
}
