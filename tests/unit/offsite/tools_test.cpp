// SPDX-License-Identifier: GPL-3.0-or-later
//
// The output of rclone and rsync, and their arguments.
#include "core/error.hpp"
#include "offsite/hints.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "offsite/remotes/rclone.hpp"
#include "offsite/remotes/rclone_config.hpp"
#include "offsite/remotes/rsync_remote.hpp"
#include "offsite/stall_watch.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::offsite;

TEST_CASE("an sftp remote without known_hosts_file is found wherever a target leads to it") {
    const std::string dump = R"({
        "open": {"type": "sftp", "host": "h"},
        "pinned": {"type": "sftp", "host": "h", "known_hosts_file": "/k"},
        "own-ssh": {"type": "sftp", "host": "h", "ssh": "ssh h"},
        "b2": {"type": "b2"},
        "crypt": {"type": "crypt", "remote": "open:path"},
        "crypt2": {"type": "crypt", "remote": "pinned:path"},
        "deep": {"type": "chunker", "remote": "crypt:"},
        "union": {"type": "union", "upstreams": "pinned:a  open:b:ro"},
        "combine": {"type": "combine", "upstreams": "a=b2:x b=open:y"},
        "ring": {"type": "alias", "remote": "ring:"},
        "local": {"type": "alias", "remote": "/srv/x"}})";
    for (const auto* target : {"open:", "open:a/b", "crypt:x",
                               "deep:", "union:", "combine:", "open,port=22:x", ":sftp,host=h:x"})
        CHECK(find_unpinned_sftp(dump, target));
    for (const auto* target : {"pinned:", "own-ssh:", "b2:x", "crypt2:", "ring:", "local:", "none:",
                               "/srv/x", "open,known_hosts_file=/k:x", ":local:/x", ""})
        CHECK_FALSE(find_unpinned_sftp(dump, target));
    CHECK(find_unpinned_sftp(dump, "deep:x") == "open");
    for (const auto* damaged : {"", "[]", "{", R"({"open": 5})", R"({"open": {"type": 7}})"})
        CHECK_FALSE(find_unpinned_sftp(damaged, "open:"));
}

TEST_CASE("a remote is plain unless all that it leads to is behind a crypt that encrypts") {
    const std::string dump = R"({
        "b2": {"type": "b2"},
        "crypt": {"type": "crypt", "remote": "b2:x"},
        "bare": {"type": "crypt", "remote": "b2:x", "no_data_encryption": "true"},
        "bare-crypt": {"type": "crypt", "remote": "crypt:", "no_data_encryption": "true"},
        "alias": {"type": "alias", "remote": "crypt:x"},
        "deep": {"type": "chunker", "remote": "alias:"},
        "hasher": {"type": "hasher", "remote": "b2:x"},
        "mixed": {"type": "union", "upstreams": "crypt:a b2:b:ro"},
        "both": {"type": "combine", "upstreams": "a=crypt:x b=deep:y"},
        "ring": {"type": "alias", "remote": "ring:"},
        "local": {"type": "alias", "remote": "/srv/x"}})";
    for (const auto* target : {"b2:x", "bare:", "hasher:", "mixed:", "local:", "/srv/a:b",
                               ":local:/x", "b2,versions=true:x", "crypt,no_data_encryption:x"})
        CHECK(leads_to_plain(dump, target));
    for (const auto* target : {"crypt:x", "bare-crypt:", "alias:", "deep:", "both:", "ring:",
                               "none:", ":crypt,remote=/x:"})
        CHECK_FALSE(leads_to_plain(dump, target));
    for (const auto* damaged : {"", "[]", "{", R"({"b2": 5})"})
        CHECK_FALSE(leads_to_plain(damaged, "b2:"));
}

TEST_CASE("the crypt remote of a place is found") {
    const std::string dump = R"({
        "b2": {"type": "b2"},
        "crypt": {"type": "crypt", "remote": "b2:x/"},
        "bare": {"type": "crypt", "remote": "b2:y", "no_data_encryption": "true"},
        "alias": {"type": "alias", "remote": "b2:z"}})";
    CHECK(crypt_over(dump, "b2:x") == "crypt");
    CHECK(crypt_over(dump, "b2:x//") == "crypt");
    for (const auto* target : {"b2:", "b2:x/a", "b2:y", "b2:z", "crypt:", ""})
        CHECK_FALSE(crypt_over(dump, target));
    CHECK_FALSE(crypt_over("[", "b2:x"));
}

TEST_CASE("remotes without encryption are warned of until that is meant") {
    config::Remote entry;
    entry.name = "nas";
    for (const auto type : {config::RemoteType::rsync, config::RemoteType::directory}) {
        entry.type = type;
        entry.plain = false;
        const auto warning = plain_warning(entry, {});
        REQUIRE(warning);
        CHECK(warning->find("'nas' gets all secrets of the instance unencrypted; hint: ") == 0);
        entry.plain = true;
        CHECK_FALSE(plain_warning(entry, {}));
    }
}

TEST_CASE("rclone's log yields its progress and the reason of its failure") {
    std::vector<std::uint64_t> sent;
    RcloneLog log([&](Bytes bytes) { sent.push_back(bytes.count); });
    log.take(R"({"level":"info","msg":"x","stats":{"bytes":17,"speed":1.5}})");
    log.take(R"({"level":"info","msg":"x","stats":{"bytes":-1}})");
    log.take(R"({"level":"info","msg":"x","stats":5})");
    CHECK(sent == std::vector<std::uint64_t>{17});
    CHECK(log.failure().empty());
    log.take(R"({"level":"error","msg":"Failed to copy: no space left on device"})");
    CHECK(log.failure() == "Failed to copy: no space left on device");
    log.take("2026/11/22 23:49:09 Failed to lsjson with 2 errors: last error was: send failed");
    log.take("caused by: connection refused");
    CHECK(log.failure() == "send failed caused by: connection refused");
}

TEST_CASE("when rclone's last words are a count only, the first error is the reason") {
    RcloneLog log;
    log.take(R"({"level":"error","msg":"Couldn't delete: not permitted","object":"a"})");
    log.take(R"({"level":"error","msg":"Couldn't delete: still not","object":"b"})");
    log.take(
        "2026/11/22 23:49:09 Failed to delete with 3 errors: last error was: failed to delete "
        "2 files");
    CHECK(log.failure() == "Couldn't delete: not permitted");
}

TEST_CASE("rclone's log may have anything in it") {
    RcloneLog log([](Bytes) {});
    for (const auto* line : {"", "{", "[1]", "null", R"({"msg":5,"level":7,"stats":null})", "\xff",
                             R"({"stats":{"bytes":"x"}})", "2026/11/22"})
        log.take(line);
    CHECK(log.failure().find('\n') == std::string::npos);
}

TEST_CASE("rsync's listing yields files with their sizes, and directories") {
    const auto found = parse_rsync_list(
        "drwx------          4,096 2026/11/22 03:00:00 .\n"
        "drwx------          4,096 2026/11/22 03:00:00 20261122T030000Z\n"
        "drwx------          4,096 2026/11/22 03:00:00 .mastobak-partial\n"
        "-rw-------             17 2026/11/22 03:00:00 a.tar\n"
        "-rw-------   123456789012 2026/11/22 03:00:00 b.tar\n"
        "-rw-------            100 2026/11/22 03:00:00 .a.tar.Xy12ab\n"
        "lrwxrwxrwx              5 2026/11/22 03:00:00 c -> a\n"
        "-rw-------              5 2026/11/22 03:00:00 a.tar of somebody else\n"
        "a line of something else\n-\n\n");
    CHECK(found.files == std::map<std::string, Bytes>{{"a.tar", {17}}, {"b.tar", {123456789012}}});
    CHECK(found.directories == std::set<std::string>{"20261122T030000Z"});
}

TEST_CASE("what a remote forbids is told from what fails") {
    // Output of rclone for S3 and WebDAV, of rsync, and of rrsync.
    for (const auto* words :
         {"Couldn't delete: AccessDenied: Access Denied because object protected by object lock.",
          "Couldn't delete: Method Not Allowed: 405 Method Not Allowed",
          "rsync: [receiver] delete_file: unlink(x) failed: Operation not permitted (1)",
          "/usr/bin/rrsync error: option --delete has been disabled on this server."})
        CHECK(forbids_removal(words));
    for (const auto* words : {"connection refused", "dial tcp 10.40.3.1:443: i/o timeout", "",
                              "NoSuchBucket: The specified bucket does not exist"})
        CHECK_FALSE(forbids_removal(words));
}

TEST_CASE("paths of keys may have blanks and percent signs, but no quotes") {
    config::Remote entry;
    entry.identity_file = "/etc/my keys/100%";
    entry.known_hosts = "/etc/my keys/known";
    entry.port = 23;
    const auto command = ssh_command(entry);
    CHECK(command.find("-p 23 '-oIdentityFile=\"/etc/my keys/100%%\"'") != std::string::npos);
    CHECK(command.find("'-oUserKnownHostsFile=\"/etc/my keys/known\"'") != std::string::npos);
    entry.identity_file = "/etc/it's";
    CHECK_THROWS_AS(ssh_command(entry), Error);
}

TEST_CASE("messages become one line, and the known ones get a hint") {
    CHECK(one_line("  a\r\n\tb\x07  c \n") == "a b c");
    CHECK(one_line(std::string(5000, 'x')).size() < 500);
    CHECK(hint_for("Host key verification failed.").find("known_hosts") != std::string::npos);
    CHECK(hint_for("write: No space left on device").find("room") != std::string::npos);
    CHECK(hint_for("something new").empty());
    CHECK(hint_for("corrupted on transfer: md5 hash differ \"72\" vs \"welcome\"").find("bashrc") !=
          std::string::npos);
    CHECK(hint_for("corrupted on transfer: md5 hash differ \"72\" vs \"91\"").empty());
}

TEST_CASE("an upload that does not go on is ended, one that does is not") {
    Bytes seen;
    const UploadProgress progress = [&](Bytes bytes) { seen = bytes; };
    StallWatch watch(progress, std::chrono::seconds(-1));
    watch.sent({1 << 20});
    watch.sent({2 << 20});
    CHECK(seen.count == 2 << 20);
    CHECK_THROWS_AS(watch.sent({2 << 20}), Error);
}

TEST_CASE("a transfer of one byte after the other is ended") {
    StallWatch watch({}, std::chrono::seconds(-1));
    watch.sent({1 << 20});
    CHECK_THROWS_AS(watch.sent({(1 << 20) + 1}), Error);
}
