// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <atomic>
#include <iterator>
#include <set>
#include <thread>
#include <vector>

#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "support/time_zone.hpp"

using namespace mastobak;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

TEST_CASE("an error is one line with its hint") {
    const Error error(Errc::database, "cannot connect:\nno server\n", "start it");
    CHECK(std::string(error.what()) == "cannot connect: no server; hint: start it");
    CHECK(error.text() == "cannot connect: no server");
}

TEST_CASE("whatever fails, there is a hint to what can be done") {
    CHECK(hinted(Error(Errc::database, "x", "do y")).hint() == "do y");
    for (const auto& [code, name, status, hint] : error_kinds) {
        const auto error = hinted(Error(code, "x"));
        CAPTURE(to_string(code));
        CHECK(error.hint().empty() == (code == Errc::usage || code == Errc::cancelled));
        CHECK(error.code() == code);
        CHECK(error.text() == "x");
    }
}

TEST_CASE("every error code has a name and an exit status of its own") {
    std::set<int> statuses{0};
    std::set<std::string_view> names;
    for (const auto& kind : error_kinds) {
        CAPTURE(kind.name);
        CHECK(&kind_of(kind.code) == &kind);
        CHECK(parse_errc(kind.name) == kind.code);
        CHECK(exit_status(kind.code) == kind.exit_status);
        CHECK(names.insert(kind.name).second);
        CHECK(statuses.insert(kind.exit_status).second);
    }
    CHECK(error_kinds.size() == static_cast<std::size_t>(Errc::shutdown) + 1);
    CHECK(parse_errc("of a newer daemon") == Errc::internal);
}

TEST_CASE("nested errors are described together") {
    try {
        try {
            throw std::runtime_error("inner");
        } catch (...) {
            std::throw_with_nested(std::runtime_error("outer"));
        }
    } catch (...) {
        CHECK(describe(std::current_exception()) == "outer: inner");
    }
}

TEST_CASE("times are written and read in UTC with nanoseconds") {
    const auto time = parse_iso8601("2026-11-22T03:00:00.000000001Z");
    REQUIRE(time);
    CHECK(to_iso8601(*time) == "2026-11-22T03:00:00.000000001Z");
    CHECK(to_iso8601(*time - 1ns) == "2026-11-22T03:00:00Z");
    CHECK(to_set_name(*time) == "20261122T030000Z");
    CHECK(parse_set_name("20261122T030000Z") == *time - 1ns);
    CHECK(to_iso8601(Timestamp{-500ms}) == "1969-12-31T23:59:59.5Z");
}

TEST_CASE("what is no time is refused") {
    for (const auto* text : {"", "20261322T030000Z", "20261122T250000Z", "20261122T030000",
                             "20261122T030060Z", "../x"})
        CHECK_FALSE(parse_set_name(text));
    for (const auto* text : {"", "2026-11-22T03:00:00", "2026-02-30T03:00:00Z",
                             "2026-11-22T03:00:00.Z", "2026-11-22T03:00:00.1234567890Z"})
        CHECK_FALSE(parse_iso8601(text));
}

TEST_CASE("times of files that 64 bits of nanoseconds do not hold become the nearest ones") {
    CHECK(time_of_file(-1, 5) == Timestamp(-1s + 5ns));
    CHECK_FALSE(is_at_limit(time_of_file(9'223'372'034, 999'999'999)));
    for (const auto seconds : {253'370'764'800, 9'223'372'036, INT64_MAX}) {
        CHECK(is_at_limit(time_of_file(seconds, 999'999'999)));
        CHECK(to_iso8601(time_of_file(seconds, 1)) == "2262-04-11T23:47:15Z");
        CHECK(is_at_limit(time_of_file(-seconds, 999'999'999)));
        CHECK(to_iso8601(time_of_file(-seconds, 1)) == "1677-09-21T00:12:45Z");
    }
}

TEST_CASE("durations are shown with two units at most") {
    CHECK(to_text(12ms) == "12 ms");
    CHECK(to_text(1500ms) == "1.5 s");
    CHECK(to_text(200s) == "3 min 20 s");
    CHECK(to_text(125min) == "2 h 5 min");
    CHECK(to_text(76h) == "3 d 4 h");
}

TEST_CASE("digests are those of sha256sum") {
    test::TemporaryDirectory directory;
    test::write(directory / "abc", "abc");
    const auto* abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    CHECK(to_hex(sha256_of_file(directory / "abc")) == abc);
    CHECK(parse_digest(abc) == sha256_of_file(directory / "abc"));
    CHECK_FALSE(parse_digest("ba78"));
}

TEST_CASE("a small file is replaced as a whole, with its mode") {
    test::TemporaryDirectory directory;
    write_file(directory / "f", "one");
    write_file(directory / "f", "two", 0644);
    CHECK(read_file(directory / "f") == "two");
    CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
    CHECK((fs::status(directory / "f").permissions() & fs::perms::mask) ==
          static_cast<fs::perms>(0644));
}

TEST_CASE("of several writers of a file each publishes a whole one, and none fails") {
    test::TemporaryDirectory directory;
    const auto file = directory / "f";
    std::atomic<bool> mixed = false;
    // Files of a killed process, and of one that still writes.
    test::write(directory / "f.999999999-0.tmp", "half");
    test::write(directory / "f.1-0.tmp", "half");
    write_file(file, "first");
    CHECK_FALSE(fs::exists(directory / "f.999999999-0.tmp"));
    CHECK(fs::exists(directory / "f.1-0.tmp"));
    {
        std::vector<std::jthread> writers;
        for (const char letter : {'a', 'b', 'c'})
            writers.emplace_back([&file, letter] {
                for (std::size_t i = 1; i <= 50; ++i)
                    write_file(file, std::string(i * 4096, letter));
            });
        writers.emplace_back([&](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                const auto text = test::read(file);
                if (text == "first") continue;
                if (text.size() % 4096 != 0 || text.find_first_not_of(text[0]) != text.npos)
                    mixed = true;
            }
        });
    }
    CHECK_FALSE(mixed);
    CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 2);
}

TEST_CASE("publishing never replaces what is there") {
    test::TemporaryDirectory directory;
    test::write(directory / "new", "new");
    test::write(directory / "old", "old");
    CHECK_THROWS_AS(publish(directory / "new", directory / "old"), Error);
    CHECK(test::read(directory / "old") == "old");
    publish(directory / "new", directory / "other");
    CHECK(test::read(directory / "other") == "new");
}

TEST_CASE("a file that is hashed while it is written has the digest of its contents") {
    test::TemporaryDirectory directory;
    HashingFile file(directory / "f");
    file.write(std::as_bytes(std::span(std::string_view("ab"))));
    file.write(std::as_bytes(std::span(std::string_view("c"))));
    CHECK(file.size() == Bytes{3});
    CHECK(file.finish() == sha256_of_file(directory / "f"));
    CHECK_THROWS_AS(HashingFile(directory / "f"), Error);
}

TEST_CASE("a full disk is named with a hint") {
    const auto error = write_error(Errc::staging, "/x", ENOSPC);
    CHECK(error.text() == "cannot write '/x': No space left on device");
    CHECK(error.hint().find("room") != std::string::npos);
}

TEST_CASE("a full disk that is not staging's is not sent to staging's settings") {
    for (const int error : {ENOSPC, EROFS}) {
        const auto hint = write_error(Errc::environment, "/x", error).hint();
        CHECK(hint.find("staging") == std::string::npos);
        CHECK(hint.find("unit") == std::string::npos);
        CHECK_FALSE(hint.empty());
    }
}

TEST_CASE("people read times in their own zone, and which that is") {
    const test::TimeZone zone("Asia/Kathmandu");
    CHECK(to_local_text(*parse_iso8601("2026-11-22T03:00:00.9Z")) == "2026-11-22 08:45:00 +0545");
}
