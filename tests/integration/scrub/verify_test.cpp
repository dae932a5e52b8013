// SPDX-License-Identifier: GPL-3.0-or-later
#include <stop_token>
#include <thread>

#include "core/error.hpp"
#include "fake_place.hpp"
#include "support/catch.hpp"
#include "support/offsite_servers.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

TEST_CASE_METHOD(ScrubFixture, "each object of a remote is read, once") {
    const auto report = verify();
    CHECK(report.complete);
    CHECK(report.damaged.empty());
    CHECK(report.unread.empty());
    CHECK(report.by == std::map<std::string, std::size_t>{{"reading", report.objects}});
    CHECK(report.objects == read.size());
    const auto ledger = scrub::read_ledger(config.state_directory, "disk");
    CHECK(ledger.objects.size() == report.objects);
    for (const auto& [name, record] : ledger.objects) CHECK(record.read_at == clock.now());
    CHECK_FALSE(ledger.attempt_since);
}

TEST_CASE_METHOD(ScrubFixture,
                 "damage at a remote is named with its files, sets and a whole copy") {
    const auto member = flip_member(disk, "plain.bin");
    flip(disk / "sets" / later / "config.tar.zst", 20);
    const auto report = verify();
    REQUIRE(report.damaged.size() == 2);
    const auto& damage = report.damaged.at("media/" + member.pack);
    CHECK(damage.problem == "its contents changed");
    CHECK(damage.members == std::vector<std::string>{"plain.bin"});
    CHECK(damage.member_count == 1);
    CHECK(damage.sets == std::vector<std::string>{set, later});
    CHECK(damage.good_copy == "staging");
    CHECK(report.damaged.contains("sets/" + later + "/config.tar.zst"));
    // The ledger records the damage.
    const auto ledger = scrub::read_ledger(config.state_directory, "disk");
    CHECK(ledger.objects.at("media/" + member.pack).damage == damage);
    CHECK_FALSE(fs::exists(directory / "scratch/damaged" / member.pack));
}

TEST_CASE_METHOD(ScrubFixture, "a byte anywhere at a remote is found, and what is missing") {
    for (const auto* file : {"media.index.zst", "config.tar.zst", "manifest.json"}) {
        CAPTURE(file);
        const auto path = disk / "sets" / set / file;
        flip(path, fs::file_size(path) / 2);
        CHECK(verify().damaged.size() == 1);
        flip(path, fs::file_size(path) / 2);
        CHECK(verify().damaged.empty());
    }
    fs::resize_file(disk / "media" / pack(), 1024);
    CHECK(verify().damaged.at("media/" + pack()).problem.starts_with("it has 1024 bytes"));
    fs::remove(disk / "media" / pack());
    CHECK(verify().damaged.at("media/" + pack()).problem == "it is missing");
}

TEST_CASE_METHOD(ScrubFixture, "damage keeps the time at which it was found first") {
    const auto found = clock.now();
    for (const auto* file : {"manifest.json", "config.tar.zst"})
        flip(disk / "sets" / set / file, 7);
    verify();
    clock.advance(std::chrono::hours(24));
    const auto damaged = verify().damaged;
    REQUIRE_FALSE(damaged.empty());
    for (const auto& [object, damage] : damaged) {
        CAPTURE(object);
        CHECK(damage.found_at == found);
    }
}

TEST_CASE_METHOD(FakeFixture, "a verification that was interrupted goes on where it ended") {
    const auto there = place();
    const auto sets = there->set_names({});
    fake.fail(2, "connection reset", 6);
    const auto first = scrub::verify_sets(services(), *there, sets);
    CHECK_FALSE(first.problem.empty());
    CHECK(first.objects > 0);
    // The process is killed in the middle of an object. The next process, a day later, reads the
    // ledger.
    std::stop_source stop;
    auto killed = services(stop.get_token());
    int looked = 0;
    killed.progress = [&](const scrub::ReadProgress& now) {
        looked += now.bytes.count > 0;
        if (looked > 3) stop.request_stop();
    };
    CHECK_THROWS_AS(scrub::verify_sets(killed, *place(), sets), Error);
    clock.advance(std::chrono::hours(24));
    const auto last = scrub::verify_sets(services(), *place(), sets);
    CHECK(last.complete);
    CHECK(last.known > first.objects);
    const auto all = scrub::read_ledger(config.state_directory, "disk").objects.size();
    CHECK(last.known + last.objects == all);
    // After a complete verification, the next one reads all objects again.
    CHECK(scrub::verify_sets(services(), *place(), sets).objects == all);
}

TEST_CASE_METHOD(FakeFixture, "a remote that hangs is given up at once when it is asked to") {
    fake.hold();
    std::stop_source stop;
    std::jthread ender([&] {
        while (!fake.holding()) std::this_thread::yield();
        stop.request_stop();
    });
    const auto there = place();
    CHECK_THROWS_AS(scrub::verify_sets(services(stop.get_token()), *there, there->set_names({})),
                    Error);
}

TEST_CASE_METHOD(FakeFixture,
                 "an object that is there, and not given, is damaged at the third time") {
    const auto object = "media/" + pack();
    for (int i = 0; i < 3; ++i) {
        const auto there = place();
        CHECK_FALSE(scrub::read_ledger(config.state_directory, "disk").objects[object].damage);
        fake.fail_read(object, "Input/output error");
        const auto report = scrub::verify_sets(services(), *there, there->set_names({}));
        REQUIRE(report.unread.size() == 1);
        CHECK(report.unread.front().first == object);
    }
    const auto damage =
        scrub::read_ledger(config.state_directory, "disk").objects.at(object).damage;
    REQUIRE(damage);
    CHECK(damage->problem.find("Input/output error") != std::string::npos);
    CHECK(damage->good_copy == "staging");
}

TEST_CASE_METHOD(FakeFixture,
                 "a hash that a remote makes of the bytes counts as far as it proves") {
    fake.compare_by("sha256");
    auto report = scrub::verify_sets(services(), *place(), {set, later});
    CHECK(report.by == std::map<std::string, std::size_t>{{"sha256", report.objects}});
    // With a weaker hash, the local bytes are needed, and those must be intact.
    fake.compare_by("md5");
    flip(staging.media() / pack(), 700);
    report = scrub::verify_sets(services(), *place(), {set, later});
    CHECK(report.damaged.empty());
    CHECK(report.by.at("reading") == 1);
    CHECK(report.by.at("md5") == report.objects - 1);
    auto text = fake.objects().at("media/" + pack());
    text[900] ^= 1;
    fake.set("media/" + pack(), text);
    fake.compare_by("sha256");
    CHECK(scrub::verify_sets(services(), *place(), {set, later}).damaged.size() == 1);
}

TEST_CASE_METHOD(ScrubFixture, "objects behind sftp are compared by a hash, or read whole") {
    const SshServer server;
    config.offsite = {
        rclone_remote(directory.path(), server.rclone_section("box"), "box:" + disk.native())};
    config.offsite.front().name = "disk";
    const auto hashed = verify();
    CHECK(hashed.damaged.empty());
    CHECK(hashed.by == std::map<std::string, std::size_t>{{"md5", hashed.objects}});
    flip_member(disk, "plain.bin");
    CHECK(verify().damaged.size() == 1);
    const auto read_whole = verify({.whole = true});
    CHECK(read_whole.by == std::map<std::string, std::size_t>{{"reading", read_whole.objects}});
    CHECK(read_whole.damaged.begin()->second.members == std::vector<std::string>{"plain.bin"});
}

TEST_CASE_METHOD(ScrubFixture, "reading keeps to a rate") {
    std::uint64_t size = 0;
    for (const auto& file : fs::recursive_directory_iterator(disk))
        if (file.is_regular_file()) size += file.file_size();
    const auto began = std::chrono::steady_clock::now();
    verify({.bandwidth = Bytes{size}});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    CHECK(took.count() > 0.4);
}
