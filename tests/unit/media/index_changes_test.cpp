// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/index_changes.hpp"

#include <fmt/format.h>

#include <map>
#include <random>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "media/index/index_line.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/paths.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::media;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using Tree = std::map<std::string, std::uint64_t, PathOrder>;  ///< sizes of files

Entry file_of(const std::string& path, std::uint64_t size) {
    Entry entry;
    entry.path = path;
    entry.size = entry.stored = size;
    entry.pack = "20261122T030000Z-0001.tar";
    entry.sha256 = Digest{};
    return entry;
}

struct ChangesFixture {
    TemporaryDirectory directory;
    fs::path base = directory / "base", index = directory / "index",
             changes = directory / "changes";

    static void write_index(const fs::path& path, const Tree& tree) {
        IndexWriter writer(path);
        for (const auto& [name, size] : tree) writer.add(file_of(name, size));
        writer.finish();
    }
    static Tree read_index(const IndexFiles& files) {
        Tree tree;
        IndexReader reader(files);
        while (const auto* entry = reader.next()) {
            tree.emplace(entry->path, entry->size);
            std::string line;
            append_line(line, *entry);
            CHECK(line == reader.line());
        }
        CHECK_FALSE(reader.next());
        return tree;
    }
    /// Writes changes of any lines, well-formed or not.
    void write_lines(const std::vector<std::string>& lines) const {
        HashingFile out(changes);
        archive::ZstdCompressor zstd([&](auto data) { out.write(data); }, 1);
        for (const auto& line : lines) {
            const auto text = line + "\n";
            zstd.write(std::as_bytes(std::span(text)));
        }
        zstd.finish();
        out.close();
    }
    std::string error() const {
        try {
            read_index({base, changes});
        } catch (const Error& error) {
            CHECK(error.code() == Errc::corrupt);
            return error.text();
        }
        return "no error";
    }
};

Tree tree_of(int files) {
    Tree tree;
    for (int i = 0; i < files; ++i) tree[fmt::format("{:02}/{}", i % 17, i)] = 1000;
    return tree;
}

std::string line_of(const std::string& path) {
    std::string line;
    append_line(line, file_of(path, 5));
    return line;
}

const std::string changes_header(index_changes_header);

}  // namespace

TEST_CASE_METHOD(ChangesFixture, "an index comes back from its base and its changes") {
    const auto before = tree_of(2000);
    write_index(base, before);
    std::mt19937 random(2029);
    for (int round = 0; round < 20; ++round) {
        INFO("round " << round);
        auto now = before;
        for (int i = 0; i < round * 2; ++i)
            now.erase(std::next(now.begin(), int(random() % now.size())));
        for (int i = 0; i < round * 2; ++i)
            std::next(now.begin(), int(random() % now.size()))->second = random() % 5000;
        for (const std::string name : {"!", "00", "05/-x", "16/zz", "~\xff\n"})
            if (random() % 2 == 0) now[name] = 7;
        fs::remove(index);
        fs::remove(changes);
        write_index(index, now);
        const auto written = write_index_changes(base, index, changes, {});
        REQUIRE(written);
        CHECK(written->size.count == fs::file_size(changes));
        CHECK(written->sha256 == sha256_of_file(changes));
        CHECK(read_index({base, changes}) == now);
    }
}

TEST_CASE_METHOD(ChangesFixture, "an unchanged index of any size has small changes") {
    write_index(base, tree_of(20'000));
    write_index(index, tree_of(20'000));
    const auto written = write_index_changes(base, index, changes, {});
    REQUIRE(written);
    CHECK(written->size.count < 100);
    CHECK(read_index({base, changes}) == tree_of(20'000));
}

TEST_CASE_METHOD(ChangesFixture, "more than a tenth of the lines is not stored as changes") {
    const auto [files, is_stored] =
        GENERATE(table<int, bool>({{200, true}, {264, true}, {265, false}}));
    write_index(base, tree_of(200));
    write_index(index, tree_of(files));
    CHECK(write_index_changes(base, index, changes, {}).has_value() == is_stored);
    CHECK(fs::exists(changes) == is_stored);
}

TEST_CASE_METHOD(ChangesFixture, "changes of another base are refused") {
    write_index(base, tree_of(200));
    write_index(index, tree_of(201));
    REQUIRE(write_index_changes(base, index, changes, {}));
    fs::remove(base);
    write_index(base, tree_of(199));
    CHECK(error().ends_with("its counts are not those of the base with these changes"));
}

TEST_CASE_METHOD(ChangesFixture, "hostile changes are refused") {
    write_index(base, tree_of(3));
    const std::string end = "end\t3\t3\t3000";
    SECTION("nothing changed") {
        write_lines({changes_header, end});
        CHECK(error() == "no error");
    }
    SECTION("an index in the place of the changes") {
        write_lines({std::string(index_header), end});
        CHECK(error().ends_with("these are not the changes of a media index"));
    }
    SECTION("changes in the place of an index") {
        write_lines({changes_header, end});
        base = changes;
        CHECK(error().ends_with("this is not a media index"));
    }
    SECTION("a newer version") {
        write_lines({"mastobak-media-index-changes\t2", end});
        CHECK(error().ends_with("version '2' is unknown"));
    }
    SECTION("no end") {
        write_lines({changes_header, line_of("a")});
        CHECK(error().ends_with("the end line is missing: the index is truncated"));
    }
    SECTION("a removed path that the base does not have") {
        write_lines({changes_header, "-\tx", end});
        CHECK(error().ends_with("it removes a path that the base does not have"));
    }
    SECTION("a removed path that leads out of the tree") {
        write_lines({changes_header, "-\t../x", end});
        CHECK(error().ends_with("'../x' is not path"));
    }
    SECTION("a path twice") {
        write_lines({changes_header, line_of("x"), "-\tx", end});
        CHECK(error().ends_with("it is out of order"));
    }
    SECTION("lines out of order") {
        write_lines({changes_header, line_of("x"), line_of("w"), end});
        CHECK(error().ends_with("it is out of order"));
    }
    SECTION("a removal in a whole index") {
        write_lines({std::string(index_header), "-\tx", "end\t0\t0\t0"});
        base = changes;
        CHECK(error() != "no error");
    }
}
