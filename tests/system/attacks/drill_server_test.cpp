// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

/// A host on which a drill's PostgreSQL runs, whose superuser the attacker is.
struct DrilledHost : AttackedHost {
    std::string instance, unit, daemon;

    DrilledHost() {
        start_daemon();
        daemon = sh("systemctl show -P MainPID mastobak");
        const auto owner =
            sh("systemd-run --quiet --unit=owner sleep 600; "
               "systemctl show -P MainPID owner");
        const auto bin =
            sh("find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V "
               "| tail -n 1 | xargs systemd-escape --path");
        instance = owner + ":" + bin;
        unit = "mastobak-drill@" + instance + ".service";
        as("mastobak", "systemctl --no-ask-password start '" + unit + "'");
    }

    /// Returns the output of a program that the drill's server runs.
    std::string run(const std::string& program) const {
        sh("cat >/tmp/attack.sql <<'SQL'\nCOPY (SELECT 1) TO PROGRAM $mastobak$cat >/dev/null; ( " +
           program + "\n) >/var/lib/mastobak-drill/printed 2>&1 || true$mastobak$;\nSQL\n");
        sh(
            fmt::format("psql -X -q -v ON_ERROR_STOP=1 -h '/run/mastobak-drill/{}' -U postgres -f "
                        "/tmp/attack.sql",
                        instance));
        return sh("cat /var/lib/mastobak-drill/printed");
    }
};

}  // namespace

TEST_CASE_METHOD(DrilledHost,
                 "a program that a drill's database runs reaches nothing of the host") {
    const auto reached = [&](const std::string& program) {
        const auto text = run(program);
        INFO(program << ": " << text);
        CHECK(text.find("REACHED") == std::string::npos);
    };
    CHECK(run("id -un") == "mastobak-drill");
    for (const std::string path :
         {"/etc/mastobak/mastobak.yaml", "/etc/shadow", "/var/lib/mastobak/staging",
          "/run/mastobak", "/home/mastodon/live", "/mnt/offsite", "/run/postgresql",
          "/run/dbus/system_bus_socket"})
        reached("test -e " + path + " && echo REACHED");
    reached("test $(ls /sys/class/net | wc -l) -gt 1 && echo REACHED");
    reached("kill -0 " + daemon + " && echo REACHED");
    reached("test -e /proc/" + daemon + " && echo REACHED");
    reached(
        "for d in /var/lib/mastobak-drill /run/mastobak-drill/* /tmp /var/tmp /dev/shm; do "
        "cp /bin/true $d/dropped; $d/dropped && echo REACHED; done");
    reached("psql -h /run/postgresql -U postgres -l && echo REACHED");
    reached("psql -h /run/mastobak-drill/* -U postgres -l && echo REACHED");
    reached("unshare --user --net true && echo REACHED");
    reached("touch /usr/bin/x /etc/x /x && echo REACHED");
    const auto status = run("cat /proc/self/status");
    for (const std::string set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
        CHECK(status.find(set + ":\t0000000000000000") != std::string::npos);
    CHECK(status.find("NoNewPrivs:\t1") != std::string::npos);
}

TEST_CASE_METHOD(DrilledHost, "what a drill's database has started and left is gone after it") {
    run("setsid sleep 424242 </dev/null >/dev/null 2>&1 & mkdir /var/lib/mastobak-drill/left");
    REQUIRE(exec({"pgrep", "-f", "sleep 424242"}).ok());
    SECTION("when it is stopped") {
        as("mastobak", "systemctl --no-ask-password stop '" + unit + "'");
    }
    SECTION("when its server is stopped by what it runs") {
        run("kill -STOP $(pgrep -u mastobak-drill mastobak) || true");
        as("mastobak", "systemctl --no-ask-password stop '" + unit + "'");
    }
    SECTION("when the process that drilled was killed") {
        sh("systemctl kill --signal=KILL owner");
        REQUIRE(eventually("! systemctl is-active -q '" + unit + "'"));
    }
    CHECK(eventually("! pgrep -u mastobak-drill"));
    CHECK(eventually("test -z \"$(ls -A /var/lib/mastobak-drill)\""));
}

TEST_CASE_METHOD(DrilledHost, "only the daemon and root log in to a drill's database") {
    const auto log_in = [&](const std::string& user) {
        return exec({"setpriv", "--reuid", user, "--regid", user, "--clear-groups", "psql", "-X",
                     "-h", "/run/mastobak-drill/" + instance, "-U", "postgres", "-c", "SELECT 1"})
            .ok();
    };
    CHECK(log_in("mastobak"));
    CHECK(log_in("root"));
    CHECK_FALSE(log_in("mastodon"));
    CHECK_FALSE(log_in("postgres"));
    CHECK_FALSE(log_in("mastobak-drill"));
}

TEST_CASE_METHOD(DrilledHost, "root's drill by hand does not run hostile programs as postgres") {
    back_up();
    const auto set = sets().back();
    // Without a unit and a configuration, as on a new machine.
    sh("systemctl stop mastobak '" + unit +
       "'; rm /lib/systemd/system/mastobak-drill@.service; "
       "systemctl daemon-reload");
    const auto drilled =
        admin("mastobak --config /nonexistent drill " + set +
              " --from /var/lib/mastobak/staging & "
              "until ps -o user:20= -C postgres | grep -x mastobak-drill; do :; done; wait %1");
    INFO(drilled.text);
    CHECK(drilled.status == 0);
    CHECK(drilled.text.find("mastobak-drill") != std::string::npos);
    CHECK(eventually("! pgrep -u mastobak-drill"));
}
