// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/media_sample.hpp"

#include <fmt/format.h>

#include <set>
#include <string>

#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using restore::choose_sample;
using Paths = std::set<std::string>;

namespace {

/// An index of a thousand files in ten packs, the newest of them last.
struct SampleFixture {
    test::TemporaryDirectory directory;
    std::filesystem::path index = directory / "index";
    std::uint64_t size = 10;
    int samples = 0;

    void make() const {
        media::IndexWriter writer(index);
        media::Entry entry;
        entry.sha256 = Digest{};
        entry.size = size;
        entry.stored = 1024 + size;
        for (unsigned i = 0; i < 1000; ++i) {
            entry.path = fmt::format("{:04}", i);
            entry.mtime = Timestamp(std::chrono::seconds(1'000'000 + i));
            entry.pack = fmt::format("20261122T030000Z-{:04}.tar", i / 100 + 1);
            writer.add(entry);
        }
        writer.finish();
    }
    restore::MediaSample choose(double share, std::uint64_t minimum) {
        const auto pieces = directory / fmt::format("pieces-{}", ++samples);
        std::filesystem::create_directory(pieces);
        return choose_sample(index, share, minimum, pieces, {});
    }
    static Paths paths_of(const restore::MediaSample& sample) {
        Paths paths;
        for (const auto& piece : sample.pieces) {
            media::IndexReader reader(piece);
            while (const auto* entry = reader.next()) paths.insert(entry->path);
        }
        return paths;
    }
};

}  // namespace

TEST_CASE_METHOD(SampleFixture, "a sample is half new, half random, with a file of each pack") {
    make();
    const auto sample = choose(0.1, 20);
    const auto paths = paths_of(sample);
    CHECK(sample.of_files == 1000);
    CHECK(sample.of_bytes.count == 10'000);
    CHECK(paths.size() == sample.files);
    CHECK(sample.bytes.count == 10 * sample.files);
    // The first one of a pack may be a random one, too.
    CHECK(sample.files >= 100);
    CHECK(sample.files <= 110);
    for (unsigned i = 950; i < 1000; ++i) CHECK(paths.contains(fmt::format("{:04}", i)));
    for (unsigned i = 0; i < 1000; i += 100) CHECK(paths.contains(fmt::format("{:04}", i)));
    CHECK(paths_of(choose(0.1, 20)) != paths);
}

TEST_CASE_METHOD(SampleFixture, "a sample has its minimum, and no more than there is") {
    make();
    CHECK(choose(0.001, 200).files >= 200);
    CHECK(choose(0.001, 200).files <= 210);
    CHECK(choose(0.01, 5000).files == 1000);
    CHECK(choose(1, 0).files == 1000);
    CHECK(choose(0, 0).files == 10);  // one of each pack
}

TEST_CASE_METHOD(SampleFixture, "files of one time are chosen no more often than asked for") {
    media::IndexWriter writer(index);
    media::Entry entry;
    entry.sha256 = Digest{};
    entry.pack = "20261122T030000Z-0001.tar";
    for (unsigned i = 0; i < 1000; ++i) {
        entry.path = fmt::format("{:04}", i);
        writer.add(entry);
    }
    writer.finish();
    const auto sample = choose(0, 100);
    CHECK(sample.files >= 100);
    CHECK(sample.files <= 101);
}

TEST_CASE_METHOD(SampleFixture, "a large sample comes in pieces") {
    size = std::uint64_t{100} << 20;
    make();
    const auto sample = choose(0, 20);
    CHECK(sample.pieces.size() >= sample.files / 2);
    CHECK(paths_of(sample).size() == sample.files);
}

TEST_CASE_METHOD(SampleFixture, "an index of nothing gives a sample of nothing") {
    media::IndexWriter(index).finish();
    const auto sample = choose(0.5, 200);
    CHECK(sample.files == 0);
    CHECK(sample.pieces.empty());
}
