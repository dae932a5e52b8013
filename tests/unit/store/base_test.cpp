// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.hpp"
#include "offsite/objects_of_set.hpp"
#include "store/formats/manifest_facts.hpp"
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

using Names = std::vector<std::string>;

/// Two sets that share a base, and a third with a base of its own.
struct SharedBase : StoreFixture {
    const std::string first = "20261120T030000Z", second = "20261121T030000Z",
                      third = "20261122T030000Z";

    SharedBase() {
        publish_dump(first, std::nullopt);
        publish_dump(second, staging.manifest(first).database.base);
        publish_dump(third, std::nullopt);
    }

    void publish_dump(const std::string& name,
                      const std::optional<store::BaseReference>& older) const {
        store::NewSet set(staging, name);
        auto made = manifest(name);
        made.database.base = older;
        if (older) {
            add_artifact(set, store::dump_difference, "difference of " + name);
            add_artifact(set, store::difference_list, "list of " + name);
        } else {
            const auto base = "base of " + name;
            write(set.pack_directory() / store::base_name(name), base);
            made.database.base = store::BaseReference{store::base_name(name), Bytes{base.size()},
                                                      digest(base), Bytes{5000}};
        }
        set.publish(made, {});
    }
    fs::path base_of(const std::string& set) const { return staging.shared(store::base_name(set)); }
};

}  // namespace

TEST_CASE_METHOD(SharedBase, "a base is shared, and goes with the last set that needs it") {
    CHECK(names_in(staging.database()) == Names{store::base_name(first), store::base_name(third)});
    CHECK(store::prune(staging, {first}, false, {}).packs.empty());
    CHECK(fs::exists(base_of(first)));
    CHECK(store::prune(staging, {second}, false, {}).packs == Names{store::base_name(first)});
    CHECK(names_in(staging.database()) == Names{store::base_name(third)});
    CHECK(store::verify(staging, third, {}, {}).problems.empty());
}

TEST_CASE_METHOD(SharedBase, "what an interrupted run left of a base is removed") {
    write(base_of("20261123T030000Z"), "a base without a set");
    CHECK(staging.has_name("20261123T030000Z"));
    CHECK(staging.clean() == Names{"database/" + store::base_name("20261123T030000Z")});
    CHECK(names_in(staging.database()).size() == 2);
}

TEST_CASE_METHOD(SharedBase, "a set whose base is damaged or missing is damaged") {
    SECTION("changed") {
        write(base_of(first), "base OF " + first);
        for (const auto& set : {first, second})
            CHECK_FALSE(store::verify(staging, set, {}, {}).problems.empty());
        CHECK(store::verify(staging, third, {}, {}).problems.empty());
    }
    SECTION("missing") {
        fs::remove(base_of(first));
        for (const auto& set : {first, second})
            CHECK_FALSE(store::verify(staging, set, {}, {}).problems.empty());
        const auto sets = store::candidates(staging, {}, {});
        CHECK(sets[0].damage ==
              "its base '" + store::base_name(first) + "' is missing, or has a different size");
        CHECK(sets[1].damage == sets[0].damage);
        CHECK(sets[2].damage == "");
    }
}

TEST_CASE_METHOD(SharedBase, "a set is not published when its base is not there") {
    fs::remove(base_of(first));
    CHECK_THROWS_AS(publish_dump("20261123T030000Z", staging.manifest(first).database.base), Error);
    CHECK(staging.list() == Names{first, second, third});
}

TEST_CASE_METHOD(SharedBase, "a base is uploaded before the files of a set") {
    const auto objects = offsite::objects_of_set(staging.root(), second);
    CHECK(objects.at(0).name == "database/" + store::base_name(first));
    CHECK(objects.back().name == "sets/" + second + "/manifest.json");
}

TEST_CASE_METHOD(SharedBase, "a base counts as needed room") {
    const auto usage = store::measure(staging);
    CHECK(usage.dead.count == 0);
    CHECK(usage.live.count > 2 * std::string("base of 20261120T030000Z").size());
    Bytes files;
    for (const auto& artifact : staging.manifest(second).artifacts) files += artifact.size;
    CHECK(store::own_bytes(staging.manifest(second)) == files);
}

TEST_CASE_METHOD(SharedBase, "a manifest says what the dump is, and older readers refuse it") {
    const auto manifest = staging.manifest(second);
    CHECK(store::has_difference(manifest));
    CHECK_FALSE(store::has_difference(staging.manifest(first)));
    CHECK(store::to_json(manifest).find("\"version\": 2") != std::string::npos);
    CHECK(store::dump_text(staging.manifest(first)) == "dump of 24 B, a new base");
    CHECK(store::dump_text(manifest).find("dump of a base of 24 B, 24 hours older, + ") == 0);
}

TEST_CASE_METHOD(SharedBase, "a base with a name that mastobak does not use is refused") {
    const auto json = store::to_json(staging.manifest(second));
    const auto name = store::base_name(first);
    for (const std::string other : {"", "../x", "20261120T030000Z-0001.tar", "base.dump.zst"}) {
        auto changed = json;
        changed.replace(changed.find(name), name.size(), other);
        CHECK_THROWS_AS(store::parse_manifest(changed, "manifest.json"), Error);
    }
}

TEST_CASE_METHOD(StoreFixture, "the base of an index is shared, and goes with the last set") {
    const std::string first = "20261120T030000Z", second = "20261121T030000Z";
    const auto name = store::index_name(first);
    const auto publish_index = [&](const std::string& set_name, bool changes) {
        store::NewSet set(staging, set_name);
        auto made = manifest(set_name);
        made.media.index_base = store::Artifact{name, Bytes{9}, digest("the index")};
        if (changes)
            add_artifact(set, store::index_changes, "changes");
        else
            write(set.pack_directory() / name, "the index");
        set.publish(made, {});
    };
    publish_index(first, false);
    publish_index(second, true);
    const auto later = staging.manifest(second);
    CHECK(store::to_json(later).find("\"version\": 3") != std::string::npos);
    CHECK_FALSE(store::has_index_changes(staging.manifest(first)));
    CHECK(store::has_index_changes(later));
    CHECK(staging.index(later).whole == staging.media() / name);
    CHECK(staging.index(later).changes == staging.set(second) / store::index_changes);
    CHECK(store::measure(staging).dead.count == 0);
    const auto objects = offsite::objects_of_set(staging.root(), second);
    CHECK(objects.at(0).name == "media/" + name);
    CHECK(store::verify(staging, second, {}, {}).problems.empty());

    SECTION("removal") {
        CHECK(store::prune(staging, {first}, false, {}).packs.empty());
        CHECK(fs::exists(staging.shared(name)));
        CHECK(store::prune(staging, {second}, false, {}).packs == Names{name});
        CHECK_FALSE(fs::exists(staging.shared(name)));
    }
    SECTION("damage") {
        write(staging.shared(name), "THE index");
        for (const auto& set : {first, second})
            CHECK_FALSE(store::verify(staging, set, {}, {}).problems.empty());
        fs::remove(staging.shared(name));
        CHECK(store::candidates(staging, {}, {})[1].damage ==
              "its index '" + name + "' is missing, or has a different size");
        CHECK_THROWS_AS(publish_index("20261122T030000Z", true), Error);
    }
    SECTION("a name that mastobak does not use") {
        const auto json = store::to_json(later);
        for (const std::string other :
             {"", "../x", "20261120T030000Z-0001.tar", "20261120T030000Z-base.dump.zst"}) {
            auto changed = json;
            changed.replace(changed.find(name), name.size(), other);
            CHECK_THROWS_AS(store::parse_manifest(changed, "manifest.json"), Error);
        }
    }
}

TEST_CASE("the name of a base is not that of a pack") {
    const auto base = store::base_name("20261122T030000Z");
    CHECK(store::is_base_name(base));
    CHECK_FALSE(store::is_pack_name(base));
    CHECK(store::is_shared_name(base));
    CHECK(store::shared_path(base) == "database/" + base);
    const auto index = store::index_name("20261122T030000Z");
    CHECK(store::is_index_name(index));
    CHECK_FALSE(store::is_pack_name(index));
    CHECK_FALSE(store::is_base_name(index));
    CHECK(store::shared_path(index) == "media/" + index);
    CHECK(store::is_pack_name("20261122T030000Z-0001.tar"));
    CHECK_FALSE(store::is_base_name("20261122T030000Z-0001.tar"));
    CHECK(store::shared_path("20261122T030000Z-0001.tar") == "media/20261122T030000Z-0001.tar");
    for (const std::string name : {"", "-base.dump.zst", "x-base.dump.zst",
                                   "20261122T030000Z-base.dump.zst.x", "../20261122T030000Z"})
        CHECK_FALSE(store::is_base_name(name));
}
