// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

constexpr auto live = "/home/mastodon/live";

/// A host with a daemon, whose user mastodon wants to prevent backups.
struct HinderedHost : AttackedHost {
    HinderedHost() { start_daemon(); }

    /// Runs a script, which has to end by itself within 5 s, with any result.
    Result at_once(const std::string& script) const {
        auto done = admin(script, 5);
        INFO(script << ": " << done.text);
        CHECK(done.status < 128);
        return done;
    }
    void check_daemon_stops_and_starts() const {
        CHECK(at_once("systemctl restart mastobak").status == 0);
        CHECK(at_once("systemctl stop mastobak && systemctl start mastobak").status == 0);
        CHECK(sh("systemctl show -P Result mastobak") == "success");
    }
    /// Starts a run of the daemon, and waits until it reads the media.
    void begin_to_read(const std::string& step) const {
        sh("systemd-run --quiet --collect --unit=asked mastobak run");
        REQUIRE(eventually("mastobak status --json | grep -q '\"step\": *\"" + step + "\"'"));
    }
};

}  // namespace

TEST_CASE_METHOD(HinderedHost, "what mastodon's user puts in the place of a file hinders nothing") {
    const auto is_refused = [&](const std::string& what, const std::string& make,
                                const std::string& words) {
        as("mastodon", fmt::format("cd {}; {}", live, make));
        for (const std::string command : {"mastobak run", "mastobak check-config"}) {
            const auto done = at_once(command);
            INFO(what << ": " << command << ": " << done.text);
            CHECK(done.status != 0);
            CHECK(done.text.find(words) != std::string::npos);
        }
        CHECK(at_once("mastobak cancel").text.find("no run") != std::string::npos);
        check_daemon_stops_and_starts();
        as("mastodon", fmt::format("cd {}; rm .env.local", live));
    };
    is_refused("a FIFO", "mkfifo .env.local", "a FIFO, not a regular file");
    is_refused("a device", "ln -s /dev/zero .env.local", "a device, not a regular file");
    is_refused("a line that doubles",
               "printf 'A=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\n' >.env.local; for i in $(seq 40); do "
               "echo 'A=$A$A'; done >>.env.local",
               "larger than");
    is_refused("a file that is too large", "truncate -s 2M .env.local", "larger than");

    // These are not URLs, or only half of one. Read as a URL, a part of the heap became a host
    // name.
    for (const std::string url : {"postgres", "postgresql", "postgres:", "postgres:/", "://", "",
                                  "postgres://%", "postgres://[", "postgres://u:p@h:99999999/x"}) {
        as("mastodon", fmt::format("echo 'DATABASE_URL={}' > {}/.env.local", url, live));
        const auto checked = at_once("mastobak check-config");
        INFO(url << ": " << checked.text);
        CHECK((checked.status == 0 || checked.status == 10 || checked.status == 13 ||
               checked.status == 15));
        if (!url.empty()) CHECK(checked.text.find("DATABASE_URL") != std::string::npos);
    }

    // Files within the limits are read quickly.
    as("mastodon", fmt::format("head -c 1048576 /dev/zero | tr '\\0' '\\n' > {}/.env.local", live));
    CHECK(at_once("mastobak check-config").status == 0);
    check_daemon_stops_and_starts();
    REQUIRE(mastobak({"run"}) == 0);
    CHECK(mastodon_runs());
}

TEST_CASE_METHOD(HinderedHost, "a file with terabytes of holes in the media can be cancelled") {
    as("mastodon", fmt::format("truncate -s 3T {}/zzz", media_of_mastodon));
    SECTION("by hand") {
        begin_to_read("pre-copy");
        CHECK(at_once("mastobak cancel").status == 0);
        CHECK(at_once("until mastobak status --json | grep -q cancelled; do :; done").status == 0);
    }
    SECTION("by hand, while Mastodon is stopped") {
        sh("sed -i '1i consistency: offline' /etc/mastobak/mastobak.yaml; "
           "systemctl reload mastobak");
        begin_to_read("media");
        CHECK(at_once("mastobak cancel; until systemctl is-active -q mastodon-web "
                      "mastodon-sidekiq mastodon-streaming@4000; do :; done")
                  .status == 0);
    }
    SECTION("by a stop of the daemon") {
        begin_to_read("pre-copy");
        CHECK(at_once("systemctl stop mastobak").status == 0);
        CHECK(sh("systemctl show -P Result mastobak") == "success");
    }
    SECTION("standalone, by SIGTERM") {
        sh("systemctl stop mastobak; systemd-run --quiet --unit=alone mastobak run --standalone");
        REQUIRE(eventually("test -n \"$(find /var/lib/mastobak/staging/partial -name '*.tar')\""));
        CHECK(at_once("systemctl stop alone").status == 0);
    }
    CHECK(mastodon_runs());
    CHECK(sets().empty());
}

namespace {

/// Sets in root's copy of staging, whose sizes an attacker has chosen.
struct BombedHost : AttackedHost {
    std::string set, copy = "/root/copy", directory;

    BombedHost() {
        back_up();
        set = sets().back();
        directory = copy + "/sets/" + set;
        sh("cp -a /var/lib/mastobak/staging " + copy);
    }
    std::string with(const std::string& command) const {
        return "mastobak " + command + " " + set + " --from " + copy;
    }
    void is_refused(const std::string& command, const std::string& words) const {
        const auto done = admin(command, 20);
        INFO(command << ": " << done.text);
        CHECK(done.status > 0);
        CHECK(done.status < 128);
        CHECK(done.text.find(words) != std::string::npos);
    }
};

// A pack of 10 KiB whose only member is a hole of 2 TiB.
constexpr auto add_hole = R"(
subprocess.run('truncate -s 2T zzzz; tar --format=pax -Scf ../../media/20260101T000000Z-0001.tar zzzz; rm zzzz; '
               'zstd -qdc media.index.zst >/tmp/index', shell=True, check=True)
lines = open('/tmp/index', 'rb').read().split(b'\n')
entries, files, size = map(int, lines[-2].split(b'\t')[1:])
pack = '../../media/20260101T000000Z-0001.tar'
lines[-2:] = [('f\tzzzz\t644\t0\t0\t%d\t0\t0\t1\t20260101T000000Z-0001.tar\t0\t%d\t%s\t-'
               % (2**41, os.path.getsize(pack) - 1024, '0' * 64)).encode(),
              b'end\t%d\t%d\t%d' % (entries + 1, files + 1, size + 2**41), b'']
open('/tmp/index', 'wb').write(b'\n'.join(lines))
subprocess.run('zstd -qf /tmp/index -o media.index.zst; rm -f media.index.parts*', shell=True)
manifest['artifacts'] = [a for a in manifest['artifacts'] if os.path.exists(a['name'])]
sums = [line for line in open('SHA256SUMS') if os.path.exists(line.split()[1])]
open('SHA256SUMS', 'w').write(''.join(sums))
manifest['media']['packs'].append({'name': '20260101T000000Z-0001.tar', 'size': os.path.getsize(pack),
                                   'sha256': digest(pack), 'entries': 1, 'live': 1})
)";

}  // namespace

TEST_CASE_METHOD(BombedHost, "a set with a hole of terabytes can be left at any time") {
    forge(directory, add_hole);
    for (const auto& command : {with("extract") + " zzzz --to /root/few",
                                with("restore") + " --media --to /root/new --unsigned"}) {
        // `timeout` sends SIGKILL after 5 s.
        const auto done = admin("timeout -k 5 1 " + command, 20);
        INFO(command << ": " << done.text);
        CHECK(done.status == 124);
    }
    CHECK(sh("ls -A /root/few").empty());  // it was started, but nothing is left
}

TEST_CASE_METHOD(BombedHost, "what comes out of a set is no more than the set says") {
    const auto drill = with("drill"), database = with("restore") + " --database beside --unsigned";
    SECTION("of the dump") {
        forge(directory,
              "subprocess.run('head -c 4G /dev/zero | zstd -q >bomb; "
              "mv bomb ../../database/' + manifest['database']['base']['name'], shell=True, "
              "check=True)");
        is_refused(drill, "holds more than the");
        is_refused(database, "holds more than the");
        // The manifest names this size, too, so the space on the disk is checked.
        forge(directory, "manifest['database']['dump_uncompressed'] = 2**50");
        is_refused(drill, "free");
        is_refused(database, "free");
        CHECK(sh("psql -h /run/postgresql -U postgres -Atc \"SELECT 1 FROM pg_database WHERE "
                 "datname = 'beside'\"")
                  .empty());
    }
    SECTION("of the index") {
        forge(directory,
              "subprocess.run('(zstd -qdc media.index.zst | head -n 1; yes \"$(zstd -qdc "
              "media.index.zst | sed -n 2p)\" | head -c 2G) | zstd -q >bomb; "
              "mv bomb media.index.zst', shell=True, check=True)");
        is_refused(with("extract") + " '*' --to /root/few", "media.index.zst");
        is_refused(drill, "media.index.zst");
    }
    SECTION("of the configuration") {
        forge(directory,
              "subprocess.run('mkdir /tmp/x; truncate -s 100T /tmp/x/.env.production; "
              "tar -C /tmp/x -cf - . | head -c 1G | zstd -q >config.tar.zst', "
              "shell=True, check=True)");
        is_refused(with("restore") + " --config-files --to /root/new --unsigned", "free");
        is_refused(drill, "secrets");
    }
}

TEST_CASE_METHOD(BombedHost, "a manifest that is too large is not fetched") {
    // The limit would end a process that writes the data to the disk.
    sh("printf '[Service]\\nLimitFSIZE=64M\\n' >/etc/systemd/system/mastobak.service.d/limit.conf; "
       "systemctl daemon-reload");
    start_daemon();
    REQUIRE(admin("mastobak run", 120).status == 0);
    const auto newest = sets().back();
    REQUIRE(eventually("test -e /mnt/offsite/sets/" + newest + "/manifest.json"));
    const auto there = sh("ls /mnt/offsite/sets");
    for (const std::string name : {"manifest.json", "SHA256SUMS", "SHA256SUMS.sig"}) {
        CAPTURE(name);
        const auto file = "/mnt/offsite/sets/" + newest + "/" + name;
        sh("mv " + file + " /root/kept; truncate -s 2500M " + file + "; chown mastobak: " + file);
        const auto pruned = admin("mastobak prune", 20);
        INFO(pruned.text);
        CHECK(sh("systemctl is-active mastobak") == "active");
        CHECK(sh("ls /mnt/offsite/sets") == there);
        const auto planned =
            admin("ulimit -f 65536; mastobak restore " + newest + " --from disk --plan", 20);
        INFO(planned.text);
        CHECK(planned.status < 128);
        CHECK((name == "SHA256SUMS.sig" ||
               planned.text.find("is larger than 16.0 MiB") != std::string::npos));
        sh("mv /root/kept " + file);
    }
}
