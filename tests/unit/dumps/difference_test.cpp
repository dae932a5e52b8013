// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>
#include <random>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/process/process.hpp"
#include "dump_fixture.hpp"
#include "dumps/segments.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using Rows = std::vector<std::string>;

/// Two tables, of some 14 and 7 MiB.
struct Tables {
    Rows statuses = some_rows(0, 150'000);
    Rows accounts = some_rows(1'000'000, 75'000);

    std::string dump() const {
        return "PGDMP head\n" + table_of(statuses) + table_of(accounts) + "the end";
    }
};

/// New rows at the end, rows that are gone, and counters that have changed.
void pass_a_day(Rows& rows, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::erase_if(rows, [&](const auto&) { return random() % 200 == 0; });
    for (auto& row : rows)
        if (random() % 16 == 0) row.replace(row.rfind('\t'), row.npos, fmt::format("\t{}\n", seed));
    const auto more = some_rows(seed * 10'000'000, rows.size() / 70);
    rows.insert(rows.end(), more.begin(), more.end());
}

Bytes size(const std::vector<dumps::WrittenFile>& files) {
    return files[0].size + files[1].size;
}

}  // namespace

TEST_CASE_METHOD(DumpFixture, "a base is what any zstd reads") {
    const auto dump = GENERATE(std::string("short"), std::string(), Tables().dump());
    const auto written = base(dump);
    CHECK(written.size.count == fs::file_size(written.path));
    CHECK(written.sha256 == sha256_of_file(written.path));
    CHECK(read(written.path) == dump);
    const auto by_zstd = directory / "plain";
    REQUIRE(run({.argv = {"zstd", "-dq", written.path.native(), "-o", by_zstd.native()}}, {}).ok());
    CHECK(test::read(by_zstd) == dump);
}

TEST_CASE_METHOD(DumpFixture, "a difference after a day is small, and gives back the dump") {
    Tables tables;
    const auto old = base(tables.dump());
    pass_a_day(tables.statuses, 1);
    pass_a_day(tables.accounts, 2);
    const auto now = difference(old, tables.dump());
    CHECK(size(now).count < old.size.count / 20);
    CHECK(read(stored(old, now)) == tables.dump());
}

TEST_CASE_METHOD(DumpFixture, "rows that moved, and tables that came or went, are found") {
    Tables tables;
    const auto old = base(tables.dump());
    SECTION("nothing has changed") {}
    SECTION("a table was rewritten in another place") {
        std::swap(tables.statuses, tables.accounts);
    }
    SECTION("a new table comes first") {
        auto more = some_rows(5'000'000, 1000);
        more.insert(more.end(), tables.statuses.begin(), tables.statuses.end());
        tables.statuses = std::move(more);
    }
    SECTION("most rows of a table are gone") {
        tables.statuses.resize(tables.statuses.size() / 10);
    }
    SECTION("the first half of the rows was moved to the end") {
        const auto half = static_cast<std::ptrdiff_t>(tables.statuses.size() / 2);
        std::rotate(tables.statuses.begin(), tables.statuses.begin() + half, tables.statuses.end());
    }
    const auto now = difference(old, tables.dump());
    CHECK(size(now).count < old.size.count / 40);
    CHECK(read(stored(old, now)) == tables.dump());
}

TEST_CASE_METHOD(DumpFixture, "a dump that shares nothing with the base is only larger") {
    const auto old = base(table_of(some_rows(0, 1000)));
    const auto dump = GENERATE(std::string(), std::string(9'000'000, 'x'),
                               table_of(some_rows(7'000'000, 60'000)));
    const auto now = difference(old, dump);
    CHECK(read(stored(old, now)) == dump);
    CHECK(size(now).count < base(dump, "whole").size.count * 11 / 10 + 1000);
}

TEST_CASE_METHOD(DumpFixture, "a base without lines serves, too") {
    const auto old = base(std::string(9'000'000, 'x'));
    const auto dump = std::string(9'500'000, 'x');
    CHECK(read(stored(old, difference(old, dump))) == dump);
}

TEST_CASE_METHOD(DumpFixture, "a list has the digest of the dump, and its segments follow") {
    Tables tables;
    const auto old = base(tables.dump());
    const auto now = difference(old, tables.dump());
    const auto list = dumps::parse_segments(test::read(now[1].path), now[0].size, "list");
    Sha256 hash;
    const auto dump = tables.dump();
    hash.update(std::as_bytes(std::span(dump)));
    CHECK(list.sha256 == hash.finish());
    CHECK(list.base == "base");
    CHECK(list.base_sha256 == old.sha256);
    CHECK(list.uncompressed.count == dump.size());
    // A table ends with its segment.
    const auto end = dump.find("\\.\n\n\n") + 5;
    CHECK(std::ranges::any_of(list.segments, [&](const auto& s) { return s.offset == end; }));
}

TEST_CASE_METHOD(DumpFixture, "damage is an error, wherever it is") {
    Tables tables;
    const auto old = base(tables.dump());
    pass_a_day(tables.statuses, 3);
    const auto now = difference(old, tables.dump());
    const auto flip = [](const fs::path& file, std::size_t at) {
        auto text = test::read(file);
        text.at(at) ^= 0x10;
        test::write(file, text);
    };
    SECTION("in the base") {
        flip(old.path, GENERATE(100u, 5'000'000u));
    }
    SECTION("in the base's table of frames") {
        flip(old.path, old.size.count - 20);
    }
    SECTION("in the difference") {
        flip(now[0].path, now[0].size.count / 2);
    }
    SECTION("in the list") {
        flip(now[1].path, now[1].size.count / 2);
    }
    SECTION("the base is cut") {
        fs::resize_file(old.path, old.size.count / 2);
    }
    SECTION("the difference is cut") {
        fs::resize_file(now[0].path, now[0].size.count - 1);
    }

    CHECK_THROWS_AS(read(stored(old, now)), Error);
}

TEST_CASE_METHOD(DumpFixture, "a difference from another base is refused") {
    Tables tables;
    const auto old = base(tables.dump());
    const auto now = difference(old, tables.dump());
    const auto other = base(tables.dump() + "x", "other");
    CHECK_THROWS_AS(read(stored(other, now)), Error);
}

TEST_CASE_METHOD(DumpFixture, "a base has the name that the list says, and its file any name") {
    Tables tables;
    const auto old = base(tables.dump());
    pass_a_day(tables.statuses, 3);
    const auto now = difference(old, tables.dump());
    auto fetched = stored(old, now);
    fetched.base = directory / "a set-base";
    fs::rename(old.path, fetched.base);
    CHECK(read(fetched) == tables.dump());
    fetched.base_name = "another base";
    CHECK_THROWS_AS(read(fetched), Error);
}

TEST_CASE_METHOD(DumpFixture, "a damaged base is noticed while a difference is written") {
    Tables tables;
    const auto old = base(tables.dump());
    auto text = test::read(old.path);
    text.at(100) ^= 1;
    test::write(old.path, text);
    CHECK_THROWS_AS(difference(old, tables.dump()), Error);
    CHECK_FALSE(fs::exists(directory / "difference"));
    CHECK_FALSE(fs::exists(directory / "difference.list"));
}

TEST_CASE_METHOD(DumpFixture, "a file that is not a base is refused") {
    const auto file = directory / "other";
    const auto text = GENERATE(std::string(), std::string("short"), std::string(100, '\0'),
                               std::string(5000, 'x'));
    test::write(file, text);
    CHECK_THROWS_AS(dumps::write_difference({file, "other", {}}, directory / "difference"), Error);
}
