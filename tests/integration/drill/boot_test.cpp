// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/boot.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stop_token>

#include "core/process/process.hpp"
#include "drill_fixture.hpp"
#include "drill_night.hpp"
#include "integration/postgres/fixture.hpp"
#include "mastodon/boot_facts.hpp"
#include "support/catch.hpp"
#include "support/processes.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using postgres::Verdict;
namespace fs = std::filesystem;

namespace {

constexpr auto sources = SOURCE_DIR "/tests/integration/drill/";

struct BootFixture : DrillFixture {
    BootFixture() {
        fs::permissions(checkout.path(), fs::perms(0755));
        for (const auto* name : {"stand_in.py", "mastodon.rb"}) {
            fs::copy_file(fs::path(sources) / name, checkout / name);
            fs::permissions(checkout / name, fs::perms(0644));
        }
        write(checkout / "secret", "not for that user");
        fs::permissions(checkout / "secret", fs::perms(0600));
        // The set's settings contain secrets that Mastodon does not need in a drill.
        write(env, std::string(good_secrets) +
                       "SMTP_PASSWORD=x\nREDIS_PASSWORD=y\n"
                       "AWS_SECRET_ACCESS_KEY=z\n");
        options.boot = {checkout.path(), {"/usr/bin/python3", checkout / "stand_in.py"}, {}};
    }
    void say(const std::string& what) const {
        write(checkout / "say", what);
        fs::permissions(checkout / "say", fs::perms(0644));
    }
    postgres::Check boot(std::stop_token stop = {}) {
        return check_of(drill(std::move(stop)), "mastodon");
    }
    static std::string text_of(const postgres::Check& check) {
        std::string text;
        for (const auto& problem : check.problems) text += problem + "\n";
        return text;
    }

    TemporaryDirectory checkout;
};

/// A server on this host, which a program without a network cannot reach.
struct Listener {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    Listener() {
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(fd, 1) == 0);
        REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    }
    ~Listener() { ::close(fd); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
};

}  // namespace

TEST_CASE_METHOD(BootFixture, "Mastodon answers from the restored database, and reaches no more") {
    const Listener listener;
    write(checkout / "port", std::to_string(ntohs(listener.address.sin_port)));
    fs::permissions(checkout / "port", fs::perms(0644));
    publish(night);
    say("reach");
    const auto check = boot();
    CHECK(text_of(check) == "");
    CHECK(check.verdict == Verdict::good);
    CHECK(check.figure ==
          "it finds 100 accounts, @user1, 1 decrypted value, "
          "'media_attachments/files/000/000/007/original/7.mp3'");
}

TEST_CASE_METHOD(BootFixture, "what Mastodon says is compared with the set") {
    publish(night);
    say(R"({"accounts": 99, "username": "mallory", "key": "OpenSSL::PKey::RSAError", )"
        R"("decrypted": 0, "undecrypted": "a\u001b[31m", "media_path": "../passwd", )"
        R"("media_url": "https://x"})");
    CHECK(text_of(boot()) ==
          "Mastodon finds 99 accounts, but the dump has 100\n"
          "Mastodon finds a local account 'mallory', which is not in the database\n"
          "the keys of account 'mallory' do not work: OpenSSL::PKey::RSAError\n"
          "a value that Mastodon has encrypted cannot be read: a\\x1b[31m\n"
          "the file of 'https://x', '../passwd', is not in the set\n");
    say("endless");
    CHECK(contains(text_of(boot()), "it prints more than 16"));
    say("fails");
    CHECK(contains(text_of(boot()), "exit status 1: there is no such gem"));
    // On a host where Mastodon needs more than a drill provides, this is not an alarm.
    options.boot.is_a_guess = true;
    const auto guessed = boot();
    CHECK(guessed.verdict == Verdict::skipped);
    CHECK(contains(guessed.figure, "there is no such gem"));
    options.boot.is_a_guess = false;
}

TEST_CASE_METHOD(BootFixture, "a Mastodon that hangs ends with the drill") {
    publish(night);
    say("hangs");
    std::stop_source stop;
    const auto error = error_of([&] {
        drill(stop.get_token(), [&](const restore::DrillProgress& now) {
            if (now.detail == "mastodon") stop.request_stop();
        });
    });
    CHECK(error.code() == Errc::cancelled);
    CHECK(processes_with(checkout.path()).empty());
}

TEST_CASE_METHOD(BootFixture, "real Ruby reads accounts, a key, a value and a file") {
    if (!find_program("ruby")) {
        WARN("there is no Ruby here");
        return;
    }
    options.boot.command = {"/usr/bin/ruby", checkout / "mastodon.rb"};
    const auto key = run({.argv = {"openssl", "genrsa", "2048"}}).output;
    write(directory / "key", key);
    const auto half = run({.argv = {"openssl", "rsa", "-pubout", "-in", directory / "key"}}).output;
    sql(fmt::format("UPDATE accounts SET private_key = '{}', public_key = '{}' WHERE id = 1", key,
                    half));
    publish(night);
    const auto check = boot();
    CHECK(text_of(check) == "");
    CHECK(check.figure ==
          "it finds 100 accounts, @user1 with its keys, 1 decrypted value, "
          "'media_attachments/files/000/000/020/original/20.mp3'");
}

TEST_CASE("what is mounted for Mastodon in a drill is what was looked at") {
    const TemporaryDirectory directory;
    fs::permissions(directory.path(), fs::perms(0755));
    const auto live = directory / "live", closed = directory / "closed", open = directory / "open";
    for (const auto& path : {live, closed / "inner", open}) fs::create_directories(path);
    fs::permissions(closed, fs::perms(0700));
    auto places = restore::boot_places(live);
    CHECK_NOTHROW(restore::require_mounted(places));

    // They belong to a user that is not root, and that may read only one of them.
    const auto lead_to = [&](const fs::path& target) {
        fs::remove_all(live);
        fs::create_directory_symlink(target, live);
        REQUIRE(::lchown(live.c_str(), 65534, 65534) == 0);
    };
    lead_to(closed / "inner");
    CHECK(contains(error_of([&] { restore::require_mounted(places); }).text(),
                   "is not the directory that the drill has checked"));
    CHECK(contains(error_of([&] { restore::boot_places(live); }).text(),
                   "by a symlink of user 'nobody', who may not read it"));
    lead_to(open);
    places = restore::boot_places(live);
    CHECK_NOTHROW(restore::require_mounted(places));
    fs::remove_all(open);
    CHECK_THROWS(restore::require_mounted(places));
    places = restore::boot_places(live);
    CHECK_NOTHROW(restore::require_mounted(places));
    fs::create_directory(open);
    CHECK_THROWS(restore::require_mounted(places));
    // systemd would make a mount point inside another place as root, wherever a symlink of its
    // owner leads.
    CHECK(contains(error_of([] { restore::boot_places("/home/mastodon"); }).text(),
                   "is in Mastodon's directory"));
}

TEST_CASE("a line of facts is taken as it was asked for, and nothing else") {
    const std::string good =
        R"({"accounts": 5, "username": "a", "key": "good", "decrypted": 2, "undecrypted": "",)"
        R"("media_path": "a/b", "media_url": "https://x/a/b", "more": [1]})";
    const auto parsed = mastodon::parse_boot_facts("mastobak-boot: " + good);
    CHECK(parsed.accounts == 5);
    CHECK(parsed.media_path == "a/b");
    for (const auto& line :
         {std::string(), good, std::string("mastobak-boot: "), "mastobak-boot: [" + good + "]",
          "mastobak-boot: " + good.substr(0, 40), "mastobak-boot: " + std::string(20'000, '['),
          std::string(R"(mastobak-boot: {"accounts": -5})"),
          std::string(R"(mastobak-boot: {"accounts": 1e30})"),
          std::string(R"(mastobak-boot: {"accounts": 1, "username": 7})")}) {
        CAPTURE(line.substr(0, 60));
        CHECK_THROWS_AS(mastodon::parse_boot_facts(line), Error);
    }
}
