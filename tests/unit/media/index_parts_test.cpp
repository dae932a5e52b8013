// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/index_parts.hpp"

#include <fmt/format.h>

#include <functional>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "media/index/index_line.hpp"
#include "media/index/index_lines.hpp"
#include "media/index/index_writer.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::media;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using Range = std::pair<std::size_t, std::size_t>;

Entry file_at(std::string path) {
    Entry entry;
    entry.path = std::move(path);
    entry.size = 57'000;
    entry.pack = "20261122T030000Z-0001.tar";
    entry.stored = 59'392;
    entry.sha256 = Sha256().finish();
    return entry;
}

/// Returns parts of one byte that begin with these paths, without an index.
std::vector<IndexPart> parts_from(const std::vector<std::string>& firsts) {
    std::vector<IndexPart> parts;
    for (const auto& first : firsts)
        parts.push_back({Bytes{parts.size()}, Bytes{1}, Sha256().finish(), first});
    return parts;
}

struct PartsFixture {
    TemporaryDirectory directory;
    fs::path index = directory / "media.index.zst";
    fs::path list = directory / "media.index.parts.zst";

    /// Writes an index of several parts.
    IndexWriter::Result write_index() const {
        fs::remove(index);
        IndexWriter writer(index);
        for (int i = 10'000; i < 30'000; ++i) writer.add(file_at(std::to_string(i)));
        return writer.finish();
    }
    FileDigest write_list(const std::vector<IndexPart>& parts) const {
        fs::remove(list);
        return write_index_parts(list, parts);
    }
    void write_lines(const std::string& lines) const {
        std::string compressed;
        archive::ZstdCompressor zstd(sink_into(compressed), 1);
        zstd.write(bytes(lines));
        zstd.finish();
        write(list, compressed);
    }
    /// Returns the error that the call throws because of the current list.
    std::string error_of(const std::function<void()>& call) const {
        try {
            call();
        } catch (const Error& error) {
            CHECK(error.code() == Errc::corrupt);
            CHECK(error.text().find(list.native()) != std::string::npos);
            return error.text();
        }
        return "no error";
    }
    std::string error_of_reading(std::uint64_t index_size) const {
        return error_of([&] { read_index_parts(list, Bytes{index_size}); });
    }
    std::string error_of_checking() const {
        return error_of([&] { check_index_parts(index, list, {}); });
    }
};

std::vector<std::string> paths_of(const fs::path& list, LinesOf kind) {
    std::vector<std::string> paths;
    IndexLines reader(list, kind);
    while (const auto* entry = reader.next()) paths.push_back(entry->path);
    return paths;
}

}  // namespace

TEST_CASE_METHOD(PartsFixture, "each part of an index can be read without the others") {
    const auto written = write_index();
    REQUIRE(written.parts.size() > 2);
    const auto whole = read(index);
    std::vector<std::string> paths;
    std::uint64_t end = 0;
    for (const auto& part : written.parts) {
        CHECK(part.offset.count == end);
        end += part.size.count;
        CHECK(part.size.count < 250'000);
        write(directory / "part", whole.substr(part.offset.count, part.size.count));
        CHECK(sha256_of_file(directory / "part") == part.sha256);
        const auto some = paths_of(directory / "part", LinesOf::parts);
        REQUIRE_FALSE(some.empty());
        CHECK(some.front() == part.first);
        paths.insert(paths.end(), some.begin(), some.end());
    }
    CHECK(end == whole.size());
    CHECK(paths.size() == 20'000);
    CHECK(paths == paths_of(index, LinesOf::index));
    CHECK(paths == paths_of(index, LinesOf::parts));
}

TEST_CASE_METHOD(PartsFixture, "a cut line is not a part, and nothing comes after the end line") {
    const auto line = [](const std::string& path) {
        std::string text;
        append_line(text, file_at(path));
        return text + "\n";
    };
    const auto write_part = [&](const std::string& text) {
        std::string compressed;
        archive::ZstdCompressor zstd(sink_into(compressed), 1);
        zstd.write(bytes(text));
        zstd.finish();
        write(index, compressed);
    };
    const auto read_part = [&] { return paths_of(index, LinesOf::parts); };
    write_part(line("a") + line("b"));
    CHECK(read_part() == std::vector<std::string>{"a", "b"});
    write_part(line("a") + line("b").substr(0, 50));
    CHECK_THROWS_AS(read_part(), Error);
    write_part(line("a") + "end\t1\t1\t57000\n" + line("b"));
    CHECK_THROWS_AS(read_part(), Error);
    write_part(line("b") + line("a"));
    CHECK_THROWS_AS(read_part(), Error);
}

TEST_CASE("the parts that can have a path, or what is below it, are known") {
    const auto parts = parts_from({"b", "d", "d/m", "d/x", "d.e", "f"});
    CHECK(parts_with(parts, "a") == Range{0, 0});
    CHECK(parts_with(parts, "b") == Range{0, 1});
    CHECK(parts_with(parts, "c") == Range{0, 1});
    // A directory that begins a part, and whose contents continue in further parts.
    CHECK(parts_with(parts, "d") == Range{1, 4});
    CHECK(parts_with(parts, "d/a") == Range{1, 2});
    CHECK(parts_with(parts, "d/m") == Range{2, 3});
    CHECK(parts_with(parts, "d/z") == Range{3, 4});
    CHECK(parts_with(parts, "d.e") == Range{4, 5});
    CHECK(parts_with(parts, "d-") == Range{3, 4});
    CHECK(parts_with(parts, "z") == Range{5, 6});
    // A directory on the last line of a part, whose contents begin with the next part.
    CHECK(parts_with(parts_from({"a", "c/d", "e"}), "c") == Range{0, 2});
    CHECK(parts_with(parts_from({""}), "a") == Range{0, 1});
}

TEST_CASE_METHOD(PartsFixture, "a list of parts comes back as it was written") {
    const auto parts = parts_from({" -x", "-x", "a", "a/b\nc\t\xff", "\xc3\xa9"});
    const auto written = write_list(parts);
    CHECK(written.sha256 == sha256_of_file(list));
    CHECK(written.size.count == fs::file_size(list));
    CHECK(read_index_parts(list, Bytes{5}) == parts);
    CHECK(error_of_reading(4) != "no error");
    CHECK(error_of_reading(6) != "no error");
}

TEST_CASE_METHOD(PartsFixture, "a list that lies is refused, and its line named") {
    const auto header = std::string(index_parts_header) + "\n";
    const auto sha256 = to_hex(Sha256().finish());
    const auto line = [&](const std::string& offset, const std::string& size,
                          const std::string& path) {
        return fmt::format("{}\t{}\t{}\t{}\n", offset, size, sha256, path);
    };
    const auto first = line("0", "10", "a");
    write_lines(header + first + line("10", "5", "b"));
    REQUIRE(error_of_reading(15) == "no error");
    const auto bad = GENERATE_COPY(
        line("9", "6", "b"), line("11", "4", "b"), line("10", "0", "b"), line("10", "6", "b"),
        line("10", "-5", "b"), line("10", "99999999999999999999", "b"),
        line("10", "18446744073709551611", "b"), line("10", "5", "a"), line("10", "5", "Z"),
        line("10", "5", ""), line("10", "5", "/etc"), line("10", "5", "b/../../x"),
        line("10", "5", "b\\000"), line("10", "5", "b\tc"), std::string("10\t5\tabc\tb\n"),
        std::string("\n"), line("x", "5", "b"));
    INFO(bad);
    write_lines(header + first + bad);
    CHECK(error_of_reading(15).find("line 3") != std::string::npos);
}

TEST_CASE_METHOD(PartsFixture, "a list that is cut, damaged, or something else is refused") {
    const auto written = write_index();
    write_list(written.parts);
    const auto whole = read(list);
    for (std::size_t size = 0; size < whole.size(); size += 37) {
        write(list, whole.substr(0, size));
        CHECK(error_of_reading(written.size.count) != "no error");
    }
    write_lines("");
    CHECK(error_of_reading(0) != "no error");
    write_lines(std::string(index_parts_header) + "\n");
    CHECK(error_of_reading(0) != "no error");
    write_lines("mastobak-media-index-parts\t2\n");
    CHECK(error_of_reading(0).find("a different version") != std::string::npos);
    write(list, "not even zstd");
    CHECK(error_of_reading(0) != "no error");
}

TEST_CASE_METHOD(PartsFixture, "an index without entries has one part") {
    IndexWriter writer(index);
    const auto written = writer.finish();
    REQUIRE(written.parts.size() == 1);
    CHECK(written.parts[0].first.empty());
    write_list(written.parts);
    CHECK(error_of_checking() == "no error");
}

TEST_CASE_METHOD(PartsFixture, "a list is compared with its index") {
    const auto written = write_index();
    auto parts = written.parts;
    write_list(parts);
    REQUIRE(error_of_checking() == "no error");
    const auto after = [&](const std::string& what) {
        write_list(parts);
        const auto error = error_of_checking();
        INFO(error);
        CHECK(error.find(what) != std::string::npos);
    };
    SECTION("another hash") {
        parts[1].sha256.bytes[0] ^= 1;
        after("a different SHA-256");
    }
    SECTION("another path") {
        parts[1].first += "0";
        after("a different path");
    }
    SECTION("another place") {
        parts[1].size.count += 1;
        parts[2].offset.count += 1;
        parts[2].size.count -= 1;
        after("decompress");
    }
    SECTION("a part too few") {
        parts.pop_back();
        after("it is not of an index of");
    }
    SECTION("two parts as one") {
        parts[1].size += parts[2].size;
        parts.erase(parts.begin() + 2);
        after("a different SHA-256");
    }
}
