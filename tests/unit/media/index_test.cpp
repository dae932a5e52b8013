// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/index.hpp"

#include <algorithm>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "media/index/index_line.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/paths.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::media;
using namespace mastobak::test;

namespace {

Entry file(std::string path) {
    Entry entry;
    entry.path = std::move(path);
    entry.mode = 0644;
    entry.uid = 991;
    entry.gid = 4'294'967'295;
    entry.size = 57'000;
    entry.mtime = Timestamp(std::chrono::nanoseconds(1'700'000'000'123'456'789));
    entry.ctime = Timestamp(std::chrono::nanoseconds(-5));
    entry.inode = 18'446'744'073'709'551'615U;
    entry.pack = "20261122T030000Z-0001.tar";
    entry.offset = 512;
    entry.stored = 59'392;
    entry.sha256 = Sha256().finish();
    return entry;
}

Entry copy(std::string path) {
    auto entry = file(std::move(path));
    entry.copy = true;
    return entry;
}

Entry link(EntryType type, std::string path, std::string target) {
    auto entry = file(std::move(path));
    entry.type = type;
    entry.size = 0;
    entry.sha256.reset();
    entry.target = std::move(target);
    return entry;
}

Entry directory(std::string path) {
    Entry entry;
    entry.type = EntryType::directory;
    entry.path = std::move(path);
    entry.mode = 02755;
    return entry;
}

std::string line(const Entry& entry) {
    std::string out;
    append_line(out, entry);
    return out;
}

struct Fixture {
    TemporaryDirectory directory_;
    std::filesystem::path path = directory_ / "media.index.zst";

    /// An index of any lines, well-formed or not.
    void write_lines(const std::vector<std::string>& lines) {
        std::string compressed;
        archive::ZstdCompressor zstd(sink_into(compressed), 1);
        for (const auto& text : lines) zstd.write(bytes(text + "\n"));
        zstd.finish();
        write(path, compressed);
    }

    std::vector<Entry> read_all() {
        IndexReader reader(path);
        std::vector<Entry> entries;
        while (auto entry = reader.next()) entries.push_back(*entry);
        CHECK_FALSE(reader.next());
        return entries;
    }

    std::string error_of_reading() {
        try {
            read_all();
        } catch (const Error& error) {
            CHECK(error.code() == Errc::corrupt);
            return error.text();
        }
        return "no error";
    }
};

const std::string header(index_header);

}  // namespace

TEST_CASE_METHOD(Fixture, "an index comes back as it was written") {
    const std::vector<Entry> entries = {file(" -x"),
                                        file("-x"),
                                        directory("a"),
                                        file("a/b\nc\t\xff"),
                                        copy("a/bb"),
                                        link(EntryType::hardlink, "a/c", "a/b\nc\t\xff"),
                                        link(EntryType::symlink, "z", "../-\\ \xfe"),
                                        link(EntryType::symlink, "zz", "-")};

    IndexWriter writer(path);
    for (const auto& entry : entries) writer.add(entry);
    const auto result = writer.finish();

    CHECK(read_all() == entries);
    CHECK(result.entries == 8);
    CHECK(result.files == 4);
    CHECK(result.file_bytes.count == 4 * 57'000);
    CHECK(result.sha256 == sha256_of_file(path));
    CHECK(result.size.count == std::filesystem::file_size(path));
}

TEST_CASE_METHOD(Fixture, "an index of many blocks comes back") {
    IndexWriter writer(path);
    for (int i = 100'000; i < 120'000; ++i) writer.add(file(std::to_string(i)));
    writer.finish();
    const auto entries = read_all();
    REQUIRE(entries.size() == 20'000);
    CHECK(entries.back() == file("119999"));
}

TEST_CASE("paths are in the order of a sorted walk") {
    const std::vector<std::string> sorted = {"a",   "a/b", "a/b/c", "a/b-", "a/c",
                                             "a-b", "a.b", "ab",    "b",    "\xc3\xa9/x"};
    for (std::size_t i = 0; i < sorted.size(); ++i)
        for (std::size_t j = 0; j < sorted.size(); ++j) {
            INFO(sorted[i] << " and " << sorted[j]);
            const auto order = compare_paths(sorted[i], sorted[j]);
            CHECK((order < 0) == (i < j));
            CHECK((order == 0) == (i == j));
        }
}

TEST_CASE_METHOD(Fixture, "a writer refuses an entry out of order") {
    IndexWriter writer(path);
    writer.add(file("b"));
    REQUIRE_THROWS_AS(writer.add(file("a")), Error);
    REQUIRE_THROWS_AS(writer.add(file("b")), Error);
}

TEST_CASE_METHOD(Fixture, "a line that lies is refused, and named") {
    auto text = line(file("path"));
    const auto with = [&](const std::string& from, const std::string& to) {
        auto changed = text;
        changed.replace(changed.find(from), from.size(), to);
        return changed;
    };
    const auto bad = GENERATE_COPY(
        with("path", "/etc/passwd"), with("path", "../x"), with("path", "a/../x"), with("path", ""),
        with("path", "a\\000b"), with("\t57000", "\t-1"), with("\t57000", "\t99999999999999999999"),
        with("644", "100644"), with("-0001.tar", "/../x"), with("512", "513"),
        with("59392", "9223372036854775807"), with("e3b0", "xyz0"), with("f\t", "x\t"),
        with("f\t", "h\t"), with("f\t", "l\t"), with("991\t", ""), text + "\tmore",
        "c" + with("59392", "512").substr(1));
    write_lines({header, line(directory("a")), bad, "end\t2\t1\t57000"});
    const auto error = error_of_reading();
    INFO(bad);
    CHECK(error.find("line 3") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "an index whose lines are out of order is refused") {
    write_lines({header, line(file("b")), line(file("a")), "end\t2\t2\t114000"});
    CHECK(error_of_reading().find("line 3") != std::string::npos);
    write_lines({header, line(file("b")), line(file("b")), "end\t2\t2\t114000"});
    CHECK(error_of_reading().find("line 3") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "an index that is cut between two lines is refused") {
    write_lines({header, line(file("a"))});
    CHECK(error_of_reading().find("truncated") != std::string::npos);
    write_lines({header, line(file("a")), "end\t2\t1\t57000"});
    CHECK(error_of_reading().find("counts") != std::string::npos);
    write_lines({header, "end\t0\t0\t0", line(file("a"))});
    CHECK(error_of_reading().find("after the end") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "an index whose file is cut is refused") {
    IndexWriter writer(path);
    for (int i = 1000; i < 2000; ++i) writer.add(file(std::to_string(i)));
    writer.finish();
    const auto whole = read(path);
    for (std::size_t size = 0; size < whole.size(); size += 101) {
        write(path, whole.substr(0, size));
        CHECK(error_of_reading() != "no error");
    }
}

TEST_CASE_METHOD(Fixture, "a later version is refused, and so is something else") {
    write_lines({"mastobak-media-index\t2", "end\t0\t0\t0"});
    CHECK(error_of_reading().find("version '2'") != std::string::npos);
    write_lines({"something else"});
    CHECK(error_of_reading().find("not a media index") != std::string::npos);
    write(path, "not even zstd");
    CHECK(error_of_reading() != "no error");
}

TEST_CASE_METHOD(Fixture, "a line without an end does not fill the memory") {
    write_lines({header, std::string(std::size_t{64} << 20, 'x')});
    CHECK(error_of_reading().find("too long") != std::string::npos);
}
