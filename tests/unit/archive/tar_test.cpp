// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/tar.hpp"

#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"

using namespace mastobak;
using namespace mastobak::test;
using archive::Header;

namespace {

Header file(std::string path, std::uint64_t size) {
    Header header;
    header.path = std::move(path);
    header.mode = 0640;
    header.uid = 991;
    header.gid = 3'000'000'000;
    header.user = "mastodon";
    header.group = "www-data";
    header.mtime = Timestamp(std::chrono::nanoseconds(1'700'000'000'123'456'789));
    header.size = size;
    return header;
}

std::string tar_of(const Header& header, const std::string& contents) {
    std::string out;
    archive::TarWriter tar(sink_into(out));
    tar.begin(header);
    tar.data(bytes(contents));
    tar.end();
    tar.finish();
    return out;
}

std::string contents_of(archive::TarReader& tar) {
    std::string out;
    for (auto block = tar.data(); !block.empty(); block = tar.data()) out += text(block);
    return out;
}

void check_round_trip(const Header& header, const std::string& contents) {
    archive::TarReader tar(source_of(tar_of(header, contents)));
    const auto read = tar.next();
    REQUIRE(read);
    CHECK(*read == header);
    CHECK(contents_of(tar) == contents);
    CHECK_FALSE(tar.next());
}

}  // namespace

TEST_CASE("a member comes back with all that was said of it") {
    check_round_trip(file("a/b.png", 5), "hello");
    check_round_trip(file("empty", 0), "");
}

TEST_CASE("names of any bytes come back") {
    const std::string name = GENERATE("new\nline", "tab\there", "\xff\xfe not utf-8 \x80", "-dash",
                                      "qu\"o'te\\", "ümlaut", "very long");
    auto header = file(
        name == "very long" ? std::string(3000, 'x') + "/" + std::string(255, 'y') : "dir/" + name,
        3);
    check_round_trip(header, "abc");
}

TEST_CASE("links come back with their targets, whatever bytes they are") {
    auto header = file("link", 0);
    header.type = GENERATE(Header::Type::symlink, Header::Type::hardlink);
    header.target = GENERATE("../somewhere", "bad \xff name", "new\nline");
    check_round_trip(header, "");
}

TEST_CASE("times before 1970 come back") {
    auto header = file("old", 0);
    header.mtime = Timestamp(std::chrono::nanoseconds(-1'500'000'001));
    check_round_trip(header, "");
}

TEST_CASE("extended attributes come back") {
    auto header = file("with-xattrs", 1);
    header.xattrs = {{"user.comment", std::string("a\0b\n\xff", 5)}, {"user.other", ""}};
    check_round_trip(header, "x");
}

TEST_CASE("holes are not stored and come back as zeros") {
    constexpr std::size_t mib = std::size_t{1} << 20;
    auto header = file("sparse", 8 * mib);
    std::string contents(8 * mib, '\0');
    SECTION("data in the middle and a hole at the end") {
        header.data_ranges = {{mib, 4096}, {5 * mib, 4096}};
        contents.replace(mib, 4096, std::string(4096, 'a'));
        contents.replace(5 * mib, 4096, std::string(4096, 'b'));
    }
    SECTION("nothing but a hole") {
        header.data_ranges = {{0, 0}};
    }
    const auto tar = tar_of(header, contents);
    CHECK(tar.size() < 32 * 1024);
    archive::TarReader reader(source_of(tar));
    const auto read = reader.next();
    REQUIRE(read);
    CHECK(read->path == "sparse");
    CHECK(read->size == 8 * mib);
    CHECK(contents_of(reader) == contents);
}

TEST_CASE("reading a hole of terabytes ends when it is asked to") {
    std::string tar;
    {
        archive::TarWriter writer([&tar](std::span<const std::byte> block) {
            tar.append(reinterpret_cast<const char*>(block.data()), block.size());
        });
        Header header;
        header.path = "hole";
        header.type = Header::Type::file;
        header.size = std::uint64_t{2} << 20;
        header.data_ranges = {{0, 1}};
        writer.begin(header);
        const std::string zeros(2 << 20, '\0');
        writer.data(std::as_bytes(std::span(zeros)));
        writer.end();
        writer.finish();
    }
    std::stop_source stop;
    bool given = false;
    archive::TarReader reader(
        [&]() -> std::span<const std::byte> {
            if (std::exchange(given, true)) return {};
            return std::as_bytes(std::span(tar));
        },
        stop.get_token());
    REQUIRE(reader.next());
    REQUIRE_FALSE(reader.data().empty());
    stop.request_stop();
    CHECK_THROWS_WITH(reader.data(), Catch::Contains("cancelled"));
}

TEST_CASE("position() is where the next member begins") {
    std::string out;
    archive::TarWriter tar(sink_into(out));
    tar.begin(file("first", 700));
    tar.data(bytes(std::string(700, 'x')));
    tar.end();
    const auto second = tar.position();
    tar.begin(file("second", 0));
    tar.end();
    tar.finish();
    REQUIRE(second % 512 == 0);
    archive::TarReader reader(source_of(out.substr(second)));
    CHECK(reader.next()->path == "second");
    CHECK(out.size() % 512 == 0);
    CHECK(out.substr(out.size() - 1024) == std::string(1024, '\0'));
}

TEST_CASE("more or less data than announced is refused") {
    std::string out;
    archive::TarWriter tar(sink_into(out));
    tar.begin(file("x", 3));
    REQUIRE_THROWS_AS(tar.data(bytes("abcd")), Error);
    tar.data(bytes("ab"));
    REQUIRE_THROWS_AS(tar.end(), Error);
}

TEST_CASE("what the sink throws comes out of the writer, and nothing is written after it") {
    int calls = 0;
    {
        archive::TarWriter tar([&](auto) {
            ++calls;
            throw std::runtime_error("no");
        });
        REQUIRE_THROWS_AS(tar.begin(file("x", 3)), std::runtime_error);
    }
    CHECK(calls == 1);
}

TEST_CASE("a tar that is cut or garbled is corrupt") {
    const auto tar = tar_of(file("x", 5000), std::string(5000, 'x'));
    const auto read_all = [](const std::string& data) {
        archive::TarReader reader(source_of(data));
        while (reader.next()) contents_of(reader);
    };
    REQUIRE_NOTHROW(read_all(tar));
    REQUIRE_THROWS_AS(read_all(tar.substr(0, 3000)), Error);
    REQUIRE_THROWS_AS(read_all(std::string(5000, 'z')), Error);
}
