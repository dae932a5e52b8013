// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/pack_record.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "store/new_set.hpp"
#include "store/retention/candidates.hpp"
#include "store/retention/prune.hpp"
#include "store/retention/usage.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"
#include "support/store_fixture.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

const std::string interrupted = "20261120T030000Z";
const std::string next = "20261121T030000Z";

struct RecordFixture : StoreFixture {
    /// Writes a finished pack of a run that did not finish.
    store::PackRecord keep(const std::string& number) const {
        store::PackRecord record;
        {
            store::NewSet set(staging, interrupted);
            const auto pack = add_pack(set, number, "pack " + number);
            record = {pack.name, pack.size, pack.sha256, {}, 1, store::PackPlace::being_made, {}};
            const auto lines = set.pack_directory() / (pack.name + ".index.zst");
            write(lines, "lines");
            record =
                store::keep_unfinished(staging, set.pack_directory() / pack.name, lines, record);
        }
        return record;
    }
    std::vector<std::string> unfinished() const {
        std::vector<std::string> names;
        for (const auto& record : store::unfinished_packs(staging)) names.push_back(record.name);
        return names;
    }
    static store::PackReference reference(const store::PackRecord& record) {
        return {record.name, record.size, record.sha256, 1, record.size};
    }
    store::Manifest publish_with(const std::vector<store::PackReference>& packs) const {
        store::NewSet set(staging, next);
        add_artifact(set, "media.index.zst", "index");
        return set.publish(manifest(next, packs), {});
    }
};

}  // namespace

TEST_CASE_METHOD(RecordFixture, "a finished pack outlives its run, and what the next run removes") {
    const auto pack = keep("0001");
    write(staging.unfinished() / "half.tar", "no record");
    staging.clean();
    CHECK(unfinished() == std::vector{pack.name});
    CHECK(names_in(staging.unfinished()).size() == 3);
    CHECK(store::measure(staging).unfinished == pack.size);
    publish_with({reference(pack)});
    CHECK(names_in(staging.media()) == std::vector{pack.name});
    CHECK_FALSE(fs::exists(staging.unfinished()));
    CHECK(store::verify(staging, next, {}, {}).problems.empty());
}

TEST_CASE_METHOD(RecordFixture, "a pack that is not what its record says is none") {
    const auto pack = keep("0001");
    SECTION("cut") {
        fs::resize_file(staging.unfinished() / pack.name, 2);
    }
    SECTION("gone") {
        fs::remove(staging.unfinished() / pack.name);
    }
    SECTION("without its lines") {
        fs::remove(store::lines_of(staging, pack.name));
    }
    SECTION("a damaged record") {
        write(staging.unfinished() / (pack.name + ".json"), "{");
    }
    SECTION("published, and then the power failed") {
        write(staging.media() / pack.name, "pack 0001");
    }
    staging.clean();
    CHECK(unfinished().empty());
    CHECK(names_in(staging.unfinished()).empty());
}

TEST_CASE_METHOD(RecordFixture, "a pack that has rotted fails one run, not the next as well") {
    const auto pack = keep("0001");
    write(staging.unfinished() / pack.name, "Pack 0001");
    CHECK_THROWS_AS(publish_with({reference(pack)}), Error);
    CHECK(staging.list().empty());
    CHECK(unfinished().empty());
}

TEST_CASE_METHOD(RecordFixture, "a pack that was sent ahead is away when its set is published") {
    auto pack = keep("0001");
    pack.remotes = {"b2", "disk"};
    pack.place = store::PackPlace::unfinished_off_site;
    store::note_remotes(staging, pack);
    CHECK_FALSE(fs::exists(staging.unfinished() / pack.name));
    staging.clean();
    REQUIRE(unfinished() == std::vector{pack.name});

    publish_with({reference(pack)});
    CHECK(names_in(staging.media()).empty());
    const auto report = store::verify(staging, next, {}, {});
    CHECK(report.problems.empty());
    CHECK(report.away == std::vector{pack.name});
    CHECK(store::candidates(staging, {})[0].damage.empty());
    CHECK(store::measure(staging).away == pack.size);
    REQUIRE(store::AwayPacks(staging).find(reference(pack)));

    SECTION("its record goes with the last set that needs it") {
        publish("20261122T030000Z");
        const auto pruned = store::prune(staging, {next}, false, {});
        CHECK(std::count(pruned.packs.begin(), pruned.packs.end(), pack.name) == 1);
        CHECK(names_in(staging.away()).empty());
    }
    SECTION("another pack of that name is missing") {
        auto other = reference(pack);
        other.sha256 = digest("something else");
        CHECK_FALSE(store::AwayPacks(staging).find(other));
    }
}

TEST_CASE_METHOD(RecordFixture, "a published pack is removed here when it is noted where it is") {
    const auto manifest = publish(next);
    const auto pack = manifest.media.packs.front();
    store::evict(staging,
                 {pack.name, pack.size, pack.sha256, {}, 0, store::PackPlace::here, {"b2"}});
    CHECK(names_in(staging.media()).empty());
    CHECK(store::verify(staging, next, {}, {}).problems.empty());
    staging.clean();
    REQUIRE(store::AwayPacks(staging).find(pack));
    CHECK(store::AwayPacks(staging).find(pack)->remotes == std::vector<std::string>{"b2"});
    // A set without the file is damaged.
    fs::remove_all(staging.away());
    CHECK_FALSE(store::verify(staging, next, {}, {}).problems.empty());
    CHECK_FALSE(store::candidates(staging, {})[0].damage.empty());
}
