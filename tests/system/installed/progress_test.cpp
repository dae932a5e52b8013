// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/catch.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;

namespace {

/// A host whose pg_dump writes 128 KiB a second, and whose remote takes 1 MiB a second.
struct SlowHost : InstalledHost {
    SlowHost() {
        sh(R"sh(bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -n 1)
            install -d /opt/slow
            ln -s $bin/pg_restore /opt/slow/pg_restore
            cat > /opt/slow/pg_dump <<SH
#!/bin/bash
case " \$* " in *" --version "* | *" --schema-only "*) exec $bin/pg_dump "\$@" ;; esac
set -o pipefail
$bin/pg_dump "\$@" | while :; do
    copied=\$(dd bs=64k count=1 iflag=fullblock 2>&1 >&3 | tail -n 1)
    case \$copied in 0\ *) exit 0 ;; esac
    sleep 0.5
done 3>&1
SH
            chmod 755 /opt/slow/pg_dump
            sed -i 's|^database:|database:\n  bin_directory: /opt/slow|' /etc/mastobak/mastobak.yaml
            printf '[disk]\ntype = alias\nremote = /mnt/offsite\n' > /etc/mastobak/rclone.conf
            sed -i 's|type: directory|type: rclone|; s|target: /mnt/offsite|target: "disk:"\n    bandwidth: 1 MiB/s|' \
                /etc/mastobak/mastobak.yaml
            head -c 5M /dev/urandom > /home/mastodon/live/public/system/large.bin
            chown mastodon: /home/mastodon/live/public/system/large.bin)sh");
    }
    /// Starts a command on a terminal; its output goes into a file.
    void on_terminal(const std::string& command, const std::string& file) const {
        sh("script -qefc '" + command + "' " + file + " > /dev/null 2>&1 < /dev/null & disown");
    }
    /// Waits until a command prints a line of a pattern, at most two minutes.
    bool shows(const std::string& pattern, const std::string& command) const {
        const auto waiting = "until " + command + " | grep '" + pattern + "'; do sleep 0.1; done";
        return exec({"timeout", "120", "bash", "-c", waiting}).ok();
    }
};

constexpr auto dump_with_time = "dump .*[0-9] \\(ms\\|s\\) left";

}  // namespace

TEST_CASE_METHOD(SlowHost, "runs and uploads show the time that is left") {
    start_daemon();
    on_terminal("mastobak run", "/root/run");
    CHECK(shows(dump_with_time, "cat /root/run"));
    on_terminal("mastobak run --follow", "/root/follow");
    CHECK(shows(dump_with_time, "cat /root/follow"));
    CHECK(shows("running .* s left", "mastobak status"));
    CHECK(shows("running: .* left", "systemctl status mastobak"));
    CHECK(shows("copying .* of .*, .*/s, .* left", "mastobak status"));
    CHECK(shows("newest complete set .*B free$", "mastobak status"));

    on_terminal("mastobak run --standalone --no-upload", "/root/standalone");
    CHECK(shows(dump_with_time, "cat /root/standalone"));
    CHECK(shows("published set", "cat /root/standalone"));
}
