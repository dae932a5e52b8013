// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/digest_cache.hpp"

#include <fmt/format.h>

#include "media/index/index.hpp"
#include "media/index/index_writer.hpp"
#include "media/pack/content_records.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::media;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

Digest digest_of(int number) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(&number, 1)));
    return hash.finish();
}

struct CacheFixture {
    TemporaryDirectory directory;
    fs::path index = directory / "media.index.zst";
    fs::path file = directory / "contents";
    Digest digest;

    void make(int files) {
        IndexWriter writer(index);
        for (int i = 0; i < files; ++i) {
            Entry entry;
            entry.path = fmt::format("{:08}", i);
            entry.size = 1000;
            entry.pack = fmt::format("20261122T030000Z-{:04}.tar", i / 1000);
            entry.offset = static_cast<std::uint64_t>(i) * 2560;
            entry.stored = i % 2 == 1 ? 2560 : 512;  // less than its size: it has holes
            entry.sha256 = digest_of(i);
            writer.add(entry);
        }
        digest = writer.finish().sha256;
        write_known_contents(index, digest, file, {});
    }
};

}  // namespace

TEST_CASE_METHOD(CacheFixture, "contents are found in their packs, and others are not") {
    make(5000);
    const auto contents = DigestCache::open(file, digest);
    REQUIRE(contents);
    for (int i = 1; i < 5000; i += 2) {
        const auto found = contents->find(digest_of(i));
        REQUIRE(found);
        CHECK(*found == Location{fmt::format("20261122T030000Z-{:04}.tar", i / 1000),
                                 static_cast<std::uint64_t>(i) * 2560, 2560});
    }
    CHECK_FALSE(contents->find(digest_of(2)));
    CHECK_FALSE(contents->find(digest_of(5001)));
    CHECK_FALSE(contents->find(Digest{}));
}

TEST_CASE_METHOD(CacheFixture, "an index without files is empty") {
    make(0);
    const auto contents = DigestCache::open(file, digest);
    REQUIRE(contents);
    CHECK_FALSE(contents->find(digest_of(1)));
}

TEST_CASE_METHOD(CacheFixture, "the contents of another index are those of none") {
    make(10);
    CHECK_FALSE(DigestCache::open(file, digest_of(1)));
    CHECK_FALSE(DigestCache::open(directory / "nothing", digest));
}

TEST_CASE_METHOD(CacheFixture, "a byte that changed leads to no contents, or to the right ones") {
    make(4);
    const auto whole = read(file);
    const auto right = DigestCache::open(file, digest)->find(digest_of(1));
    REQUIRE(right);
    // It suffices to test a part of the table after the records.
    for (std::size_t at = 0; at < 72 + 2 * sizeof(ContentRecord) + 4096; ++at) {
        auto damaged = whole;
        damaged[at] ^= 1;
        write(file, damaged);
        const auto contents = DigestCache::open(file, digest);
        const auto found = contents ? contents->find(digest_of(1)) : std::nullopt;
        CHECK((!found || *found == *right));
    }
    write(file, whole.substr(0, whole.size() - 1));
    CHECK_FALSE(DigestCache::open(file, digest));
}

TEST_CASE_METHOD(CacheFixture, "more records than fit in memory come out sorted") {
    ContentSorter sorter(directory / "scratch");
    CHECK(fs::is_empty(directory.path()));
    constexpr int many = 700'000;
    for (int i = 0; i < many; ++i) {
        ContentRecord record;
        const auto mixed = static_cast<std::uint32_t>(i) * 2'654'435'761U;
        for (std::size_t byte = 0; byte < 4; ++byte)
            record.sha256.bytes[byte] = static_cast<std::uint8_t>(mixed >> (24 - 8 * byte));
        record.offset = static_cast<std::uint64_t>(i);
        sorter.add(record);
    }
    int count = 0;
    std::uint64_t sum = 0;
    Digest last;
    bool sorted = true;
    sorter.drain([&](const ContentRecord& record) {
        sorted = sorted && last.bytes <= record.sha256.bytes;
        last = record.sha256;
        sum += record.offset;
        ++count;
    });
    CHECK(sorted);
    CHECK(count == many);
    CHECK(sum == std::uint64_t{many} * (many - 1) / 2);
}
