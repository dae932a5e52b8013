// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/repack.hpp"

#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/merge_index.hpp"
#include "media_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

const std::string oldest = "20261121T030000Z";
const std::string newer = "20261122T030000Z";

struct RepackFixture : MediaFixture {
    RepackFixture() {
        for (const auto* path : {"a", "b/1", "b/2", "c/d/e"}) add(path, path);
        backup(oldest);
    }

    /// Repacks the pack of the oldest backup, and continues with the merged index.
    media::Repacked repack() {
        options.pack_prefix = newer;
        options.previous_index = index;
        options.index = directory / "delta";
        auto repacked = media::repack(options, {oldest + "-0001.tar"}, {}, {});
        const auto merged = directory / "merged";
        media::merge_index(index, options.index, repacked.paths, merged, {});
        index = merged;
        return repacked;
    }
    /// Returns the paths that are still in the old pack.
    std::vector<std::string> left() const {
        std::vector<std::string> paths;
        for (const auto& [path, entry] : entries())
            if (entry.pack == oldest + "-0001.tar") paths.push_back(path);
        return paths;
    }
    /// Changes the digest of a file in the index.
    void forge(const std::string& path) {
        const auto forged = directory / "forged";
        media::IndexReader reader(index);
        media::IndexWriter writer(forged);
        while (const auto* entry = reader.next()) {
            auto copy = *entry;
            if (copy.path == path) copy.sha256 = Digest{};
            writer.add(copy);
        }
        writer.finish();
        index = forged;
    }
};

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(RepackFixture,
                 "what is as it was is packed again, and needs the old pack no more") {
    fs::create_symlink("a", root / "link");
    backup("20261121T040000Z");
    const auto before = entries();
    const auto repacked = repack();
    CHECK(repacked.result.packed_files == 4);
    CHECK(repacked.paths == media::Paths{"a", "b/1", "b/2", "c/d/e"});
    CHECK(repacked.result.warnings.empty());
    CHECK(left().empty());
    CHECK(entries().size() == before.size());
    CHECK(entries().at("link").pack == before.at("link").pack);
    fs::remove(packs / (oldest + "-0001.tar"));
    CHECK(verify().empty());
    CHECK(differences(restore()).empty());

    const auto next = backup("20261123T030000Z");
    CHECK(next.packed_files == 0);
    CHECK(left().empty());
}

TEST_CASE_METHOD(RepackFixture, "symlinks are packed again as well") {
    fs::create_symlink("a", root / "link");
    index.clear();
    backup(oldest + "b");
    options.index = directory / "delta";
    options.previous_index = index;
    options.pack_prefix = newer;
    CHECK(media::repack(options, {oldest + "b-0001.tar"}, {}, {}).paths.contains("link"));
}

TEST_CASE_METHOD(RepackFixture,
                 "what is changed, gone or of several names stays for who looks for that") {
    add("a", "changed");
    fs::remove_all(root / "c");
    fs::create_hard_link(root / "b/1", root / "b/other name");
    const auto repacked = repack();
    CHECK(repacked.paths == media::Paths{"b/2"});
    CHECK(left() == Paths{"a", "b/1", "c/d/e"});
    CHECK(repacked.result.warnings.empty());
    CHECK(verify().empty());
    CHECK(backup("20261123T030000Z").index.files == 3);
    CHECK(verify().empty());
    CHECK(differences(restore()).empty());
}

TEST_CASE_METHOD(RepackFixture,
                 "of a file that reads otherwise than it was packed the pack has the better copy") {
    forge("b/1");
    const auto repacked = repack();
    CHECK(repacked.paths == media::Paths{"a", "b/2", "c/d/e"});
    CHECK(left() == Paths{"b/1"});
    CHECK(repacked.result.warnings ==
          Paths{"'b/1' of the media has different contents than a pack has, though its times are "
                "the same, keeping what was packed"});
}

TEST_CASE_METHOD(RepackFixture,
                 "an entry that is not to be trusted is left alone, and one may cancel") {
    options.trusted_until = Timestamp{};
    CHECK(repack().paths.empty());
    options.trusted_until = Timestamp::max();
    std::stop_source stop;
    stop.request_stop();
    options.index = directory / "cancelled";
    CHECK(code_of([&] { media::repack(options, {oldest + "-0001.tar"}, {}, stop.get_token()); }) ==
          Errc::cancelled);
}
