// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/sha256.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

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
    for (int i = 0; i <= static_cast<int>(Errc::denied); ++i) {
        const auto code = static_cast<Errc>(i);
        const auto error = hinted(Error(code, "x"));
        CAPTURE(to_string(code));
        CHECK(error.hint().empty() == (code == Errc::usage || code == Errc::cancelled));
        CHECK(error.code() == code);
        CHECK(error.text() == "x");
    }
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
    CHECK_FALSE(fs::exists(directory / "f.tmp"));
    CHECK((fs::status(directory / "f").permissions() & fs::perms::mask) ==
          static_cast<fs::perms>(0644));
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
