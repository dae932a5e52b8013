// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/database/dump_database.hpp"
#include "store/marks.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"
#include "support/store_fixture.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

/// A night with a new base of 1000 bytes, and one with a difference from it.
struct Bases : StoreFixture {
    const std::string first = "20261120T030000Z", second = "20261121T030000Z";
    const std::string name = store::base_name(first);
    config::Config config;

    Bases() {
        config.staging.path = staging.root();
        publish_with_base(first, std::nullopt, "");
        publish_with_base(second, staging.manifest(first).database.base, std::string(100, 'd'));
    }

    void publish_with_base(const std::string& set_name,
                           const std::optional<store::BaseReference>& older,
                           const std::string& difference, Bytes dump = {}) const {
        store::NewSet set(staging, set_name);
        auto made = manifest(set_name);
        made.database.dump_uncompressed = dump;
        made.database.base = older;
        if (!older) {
            const std::string base(1000, 'b');
            write(set.pack_directory() / store::base_name(set_name), base);
            made.database.base =
                store::BaseReference{store::base_name(set_name), Bytes{1000}, digest(base), dump};
        } else {
            add_artifact(set, store::dump_difference, difference);
        }
        set.publish(made, {});
    }

    backup::ChosenBase choose(const std::string& at = "20261122T030000Z") const {
        return backup::choose_base(config, staging, *parse_set_name(at));
    }
};

}  // namespace

TEST_CASE_METHOD(Bases, "the base of the newest set serves the next dump") {
    const auto chosen = choose();
    REQUIRE(chosen.base);
    CHECK(chosen.base->name == name);
    CHECK(chosen.why == "");
}

TEST_CASE_METHOD(Bases, "a dump is stored whole when no base serves") {
    std::string why;
    SECTION("the configuration says so") {
        config.database.deltas = false;
    }
    SECTION("there is no set") {
        fs::remove_all(staging.sets());
    }
    SECTION("the newest set is of an older version") {
        publish("20261121T040000Z");
    }
    SECTION("the base is missing") {
        fs::remove(staging.shared(name));
        why = "is missing";
    }
    SECTION("the base is cut") {
        fs::resize_file(staging.shared(name), 999);
        why = "different size";
    }
    SECTION("a verification found it damaged") {
        write(staging.shared(name), std::string(1000, 'x'));
        store::note_verified(staging, store::verify(staging, first, {}, {}));
        why = "is damaged";
    }
    SECTION("it is too old") {
        config.database.full_every = std::chrono::hours(48);
        why = "database.full_every";
    }
    SECTION("it is of the future") {
        why = "database.full_every";
    }
    SECTION("the last difference was too large") {
        config.database.rebase_above = 9;
        why = "database.rebase_above";
    }
    const auto chosen =
        choose(why == "database.full_every" && config.database.full_every > std::chrono::hours(48)
                   ? "20261119T030000Z"
                   : "20261122T030000Z");
    CHECK_FALSE(chosen.base);
    CHECK(chosen.why.find(why) != std::string::npos);
    if (why.empty()) CHECK(chosen.why == "");
}

TEST_CASE_METHOD(Bases, "a difference of just the limit keeps the base") {
    config.database.rebase_above = 10;
    CHECK(choose().base);
}

TEST_CASE_METHOD(Bases, "the limit for a difference grows with the database") {
    config.database.rebase_above = 10;
    const std::string third = "20261121T040000Z", fourth = "20261121T050000Z";
    publish_with_base(third, std::nullopt, "", Bytes{5000});
    const auto base = staging.manifest(third).database.base;
    publish_with_base(fourth, base, std::string(110, 'd'), Bytes{5499});
    CHECK_FALSE(choose().base);
    publish_with_base("20261121T060000Z", base, std::string(110, 'd'), Bytes{5500});
    CHECK(choose().base);
}
