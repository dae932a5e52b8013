// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/media_sample.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using restore::choose_sample;
using Paths = std::set<std::string>;

namespace {

constexpr auto set = "20261122T030000Z";

/// Makes an index of a thousand files in ten packs.
struct SampleFixture {
    test::TemporaryDirectory directory;
    std::filesystem::path index = directory / "index";
    std::uint64_t size = 10;
    int samples = 0;
    restore::MediaCoverage coverage;
    store::Manifest manifest;

    SampleFixture() {
        manifest.set = set;
        for (unsigned i = 1; i <= 10; ++i) {
            auto& pack = manifest.media.packs.emplace_back();
            pack.name = fmt::format("{}-{:04}.tar", set, i);
        }
    }
    void make() const {
        media::IndexWriter writer(index);
        media::Entry entry;
        entry.sha256 = Digest{};
        entry.size = size;
        entry.stored = 1024 + size;
        for (unsigned i = 0; i < 1000; ++i) {
            entry.path = fmt::format("{:04}", i);
            entry.pack = manifest.media.packs.at(i / 100).name;
            entry.offset = i % 100 * std::uint64_t{1024};
            writer.add(entry);
        }
        writer.finish();
    }
    restore::MediaSample choose(double share, std::uint64_t minimum) {
        const auto pieces = directory / fmt::format("pieces-{}", ++samples);
        std::filesystem::create_directory(pieces);
        return choose_sample(index, coverage, {share, minimum}, manifest, pieces, {});
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

TEST_CASE_METHOD(SampleFixture, "a sample is of members of all packs, as many as asked for") {
    make();
    const auto sample = choose(0.1, 20);
    const auto paths = paths_of(sample);
    CHECK(sample.of_files == 1000);
    CHECK(sample.of_bytes.count == 10'000);
    CHECK(paths.size() == sample.files);
    CHECK(sample.bytes.count == 10 * sample.files);
    CHECK(sample.ever_files == sample.files);
    CHECK(sample.files >= 100);
    CHECK(sample.files <= 110);
    std::set<char> packs;
    for (const auto& path : paths) packs.insert(path.at(1));
    CHECK(packs.size() >= 9);  // 10, except once in a few thousand samples
    coverage = {};             // like another place's coverage: the files of a sample are random
    CHECK(paths_of(choose(0.1, 20)) != paths);
    CHECK(sample.last.size() == 10);
    CHECK(sample.last.begin()->second.path == "0099");
    CHECK(sample.used.begin()->second.entries == 100);
    CHECK(sample.stranger.empty());
}

TEST_CASE_METHOD(SampleFixture, "a sample has its minimum, and no more than there is") {
    make();
    CHECK(choose(0.001, 200).files >= 200);
    CHECK(choose(0.001, 200).files <= 215);
    CHECK(choose(0.01, 5000).files == 1000);
    CHECK(choose(1, 0).files == 1000);
    const auto none = choose(0, 0);
    CHECK(none.files == 0);
    CHECK_FALSE(none.drills_left);
}

TEST_CASE_METHOD(SampleFixture, "successive samples have every file, in as many drills as said") {
    make();
    Paths all;
    std::uint64_t drills = 0;
    std::optional<std::uint64_t> left;
    do {
        const auto sample = choose(0.1, 20);
        if (left) CHECK(sample.drills_left == *left - 1);
        left = sample.drills_left;
        // The last sample begins again with the first files.
        for (const auto& path : paths_of(sample)) CHECK((all.insert(path).second || left == 0U));
        CHECK(sample.ever_files == all.size());
        coverage.note(sample.groups, set);
        // The next drill reads the coverage from its file.
        coverage.write(directory / "memory", "remote 'b2'");
        coverage = restore::MediaCoverage::read(directory / "memory", "remote 'b2'");
        ++drills;
    } while (left != 0U && drills < 20);
    CHECK(all.size() == 1000);
    CHECK(drills <= 10);

    // Files that a later set has packed are read within another round.
    auto& pack = manifest.media.packs.at(3);
    pack.name = "20261123T030000Z-0001.tar";
    manifest.set = "20261123T030000Z";
    std::filesystem::remove(index);
    make();
    const auto later = choose(0.1, 20);
    CHECK(later.ever_files >= 900);
    CHECK(later.ever_files < 1000);
    CHECK(later.drills_left > 0U);
    CHECK(later.drills_left < 12U);
    CHECK(restore::MediaCoverage::read(directory / "memory", "remote 'c3'").next({}, 1) ==
          std::vector<bool>(1000, true));
}

TEST_CASE_METHOD(SampleFixture, "a memory that is damaged is begun anew") {
    const auto memory = directory / "memory";
    std::vector<bool> all(1000, true);
    coverage.note(all, set);
    coverage.write(memory, "here");
    media::Entry entry;
    entry.pack = manifest.media.packs.at(0).name;
    REQUIRE(restore::MediaCoverage::read(memory, "here").was_read(entry));
    const auto file = std::filesystem::directory_iterator(memory)->path();
    const auto text = test::read(file);
    for (const auto& damaged :
         {text.substr(0, text.size() / 2), text + "1\tx\n", "1" + text, std::string(),
          text.substr(0, 40) + "\n" + text, std::string(300'000, '1')}) {
        test::write(file, damaged);
        CHECK_FALSE(restore::MediaCoverage::read(memory, "here").was_read(entry));
    }
}

TEST_CASE_METHOD(SampleFixture, "an index of packs that the manifest does not name is told") {
    make();
    manifest.media.packs.pop_back();
    const auto sample = choose(1, 0);
    CHECK(sample.stranger == "20261122T030000Z-0010.tar");
    CHECK(sample.last.size() == 9);
}

TEST_CASE_METHOD(SampleFixture, "a large sample comes in pieces") {
    size = std::uint64_t{100} << 20;
    make();
    const auto sample = choose(0, 20);
    CHECK(sample.files >= 20);
    CHECK(sample.pieces.size() >= sample.files / 2);
    CHECK(paths_of(sample).size() == sample.files);
}

TEST_CASE_METHOD(SampleFixture, "an index of nothing gives a sample of nothing") {
    media::IndexWriter(index).finish();
    const auto sample = choose(0.5, 200);
    CHECK(sample.files == 0);
    CHECK(sample.pieces.empty());
}
