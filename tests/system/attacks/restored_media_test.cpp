// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

constexpr auto live_directory = "/home/mastodon/live";

/// A set whose media would be a unit and a list of libraries if they were in /etc, and the state of
/// /etc.
struct LedAwayHost : AttackedHost {
    LedAwayHost() {
        as("mastodon",
           std::string("cd ") + media_of_mastodon +
               "; mkdir -p systemd/system cron.d"
               "; printf '[Service]\\nExecStart=/bin/false\\n' > systemd/system/evil.service"
               "; echo '* * * * * root false' > cron.d/evil");
        back_up();
        sh(look + " > /root/before");
    }
    /// Checks that no file of root is new, or has another owner or mode.
    void check_etc_is_as_it_was() const {
        CHECK(sh(look + " | diff /root/before - || true").empty());
        CHECK(mastodon_runs());
    }
    const std::string look =
        "(find /etc /opt2 /srv -path /etc/mastobak -prune -o -printf '%p %u %g %m %y\\n' "
        "2>/dev/null | sort)";
};

}  // namespace

TEST_CASE_METHOD(LedAwayHost, "a symlink in the place of the media leads a restore nowhere") {
    SECTION("the media root") {
        as("mastodon",
           std::string("cd ") + live_directory + "/public; mv system old; ln -s /etc system");
    }
    SECTION("a directory above it") {
        sh("install -d /opt2/system");
        as("mastodon", std::string("cd ") + live_directory + "; mv public old; ln -s /opt2 public");
        sh(look + " > /root/before");
    }
    SECTION("its directory, and the path as it was") {
        as("mastodon", std::string("cd ") + live_directory +
                           "; mv public old; ln -s / public; ln -s /etc old/etc");
    }
    SECTION("a bind mount of root's") {
        sh(std::string("install -d /srv/empty; mount --bind /srv/empty ") + media_of_mastodon);
        sh(look + " > /root/before");
    }
    const auto since = sh("systemctl show -P ActiveEnterTimestampMonotonic mastodon-web");
    const auto restored = admin("mastobak restore --media");
    INFO(restored.text);
    CHECK(restored.status != 0);
    CHECK(restored.text.find("cannot restore to '/home/mastodon/live/public/system'") !=
          std::string::npos);
    CHECK(std::count(restored.text.begin(), restored.text.end(), '\n') == 1);
    // The error is found before Mastodon is stopped.
    CHECK(sh("systemctl show -P ActiveEnterTimestampMonotonic mastodon-web") == since);
    check_etc_is_as_it_was();
}

TEST_CASE_METHOD(LedAwayHost, "no setting of Mastodon's sends a restore elsewhere") {
    const std::string file = GENERATE(".env.production", ".env.local", ".env.production.local");
    const bool configured = GENERATE(true, false);
    CAPTURE(file, configured);
    sh("install -d /opt2");
    if (!configured) sh("sed -i '/^media:/,/^$/d' /etc/mastobak/mastobak.yaml");
    as("mastodon", std::string("echo PAPERCLIP_ROOT_PATH=/opt2 >> ") + live_directory + "/" + file);
    sh(look + " > /root/before");
    const auto restored = admin("mastobak restore --media");
    INFO(restored.text);
    CHECK(restored.status == 2);
    CHECK(restored.text.find("'/opt2'") != std::string::npos);
    CHECK(restored.text.find("--to") != std::string::npos);
    CHECK(sh("ls -A /opt2").empty());
    check_etc_is_as_it_was();
}

TEST_CASE_METHOD(LedAwayHost, "media come back with the rights of Mastodon's user") {
    sh(std::string("rm -r ") + media_of_mastodon + "/media_attachments");
    as("mastodon",
       std::string("cd ") + media_of_mastodon + "; rm -r cron.d; ln -s /etc/cron.d cron.d");
    // A directory of another user keeps its owner and mode.
    sh(std::string("chown root:root ") + media_of_mastodon + "/systemd; chmod 711 " +
       media_of_mastodon + "/systemd");
    const auto restored = admin("mastobak restore --media");
    INFO(restored.text);
    check_etc_is_as_it_was();
    CHECK(sh(std::string("find ") + media_of_mastodon +
             "/media_attachments -type f -user mastodon | wc -l") != "0");
    CHECK(sh(std::string("find ") + media_of_mastodon + "/media_attachments -not -user mastodon")
              .empty());
    CHECK(sh(std::string("stat -c '%U %a' ") + media_of_mastodon + "/systemd") == "root 711");
}

TEST_CASE_METHOD(LedAwayHost, "after a fire, a setting that the set does not confirm is refused") {
    sh("cp -a /var/lib/mastobak/staging /root/copy; systemctl stop 'mastodon-*'; "
       "rm -r /etc/mastobak /var/lib/mastobak");
    sh("install -d /etc-victim");
    as("mastodon", std::string("echo PAPERCLIP_ROOT_PATH=/etc-victim >> ") + live_directory +
                       "/.env.production; rm -r " + media_of_mastodon);
    const auto restored = admin("mastobak restore --from /root/copy --media --unsigned");
    INFO(restored.text);
    CHECK(restored.status == 2);
    CHECK(restored.text.find("'/etc-victim'") != std::string::npos);
    CHECK(sh("ls -A /etc-victim").empty());
}

TEST_CASE_METHOD(LedAwayHost, "a media root that a restore makes is that of Mastodon's user") {
    sh("cp -a /var/lib/mastobak/staging /root/copy; systemctl stop 'mastodon-*'; rm -r "
       "/etc/mastobak /home/mastodon/live /etc/systemd/system/mastodon-*; systemctl daemon-reload");
    // On a new machine, Mastodon's user has another ID.
    sh("usermod -u 4242 mastodon && groupmod -g 4343 mastodon");
    const std::string owner = GENERATE("", "--owner mastodon ");
    const auto restored = admin("mastobak restore --from /root/copy --media --config-files " +
                                owner + "--to /srv/new");
    INFO(restored.text);
    CHECK(restored.status == 0);
    CHECK(sh("stat -c %U:%G /srv/new/media") == "mastodon:mastodon");
    CHECK(sh("find /srv/new/media -not -user mastodon -o -not -group mastodon").empty());
    CHECK(sh("stat -c '%U %a' /srv/new/config") == "root 700");
    CHECK(sh("stat -c %U /srv/new/config/home/mastodon/live/.env.production") == "mastodon");
    // Root owns the parent directories here.
    sh("rm -rf /home/mastodon");
    const auto in_place = admin("mastobak restore --from /root/copy --media " + owner);
    INFO(in_place.text);
    CHECK(in_place.status == 0);
    as("mastodon", std::string("mkdir ") + media_of_mastodon + "/cache");
}
