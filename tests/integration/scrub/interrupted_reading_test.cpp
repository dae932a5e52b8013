// SPDX-License-Identifier: GPL-3.0-or-later
#include "fake_place.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

/// A remote that breaks off within the pack.
struct InterruptedFixture : FakeFixture {
    const std::string object = "media/" + pack();
    const std::uint64_t size = fake.objects().at(object).size();
    static constexpr std::uint64_t before = 2048;

    InterruptedFixture() { fake.fail_read(object, "connection reset", before); }
    scrub::Record record() const {
        return scrub::read_ledger(config.state_directory, "disk").objects[object];
    }
    scrub::Report verify(const scrub::ReadingOfRemote& how = {}) {
        return scrub::verify_sets(services(), *place(how), {set, later});
    }
    scrub::Report slice() { return ScrubFixture::slice(*place()); }
    void damage(std::size_t at) {
        auto text = fake.objects().at(object);
        text.at(at) ^= 1;
        fake.set(object, text);
    }
};

}  // namespace

TEST_CASE_METHOD(InterruptedFixture,
                 "an object that was partly read is continued by another process") {
    const auto began = clock.now();
    REQUIRE(verify().unread.size() == 1);
    REQUIRE(record().partial);
    CHECK(record().partial->hash.bytes == before);
    CHECK(record().failures == 0);
    clock.advance(std::chrono::hours(2));
    fake.fail_read(object, "");
    const auto last = verify();
    CHECK(last.complete);
    CHECK(last.objects == 1);
    CHECK(last.bytes.count == size - before);
    CHECK(last.damaged.empty());
    // All of it was read since then.
    CHECK(record().read_at == began);
    CHECK_FALSE(record().partial);
}

TEST_CASE_METHOD(InterruptedFixture, "the scrub continues an object in its next slices") {
    const auto began = clock.now();
    constexpr int most_slices = 20;
    for (int i = 0; i < most_slices && !record().partial; ++i) slice();
    REQUIRE(record().partial);
    fake.fail_read(object, "");
    clock.advance(std::chrono::hours(2));
    for (int i = 0; i < most_slices && !record().read_at; ++i) slice();
    CHECK(record().read_at == began);
    CHECK_FALSE(record().damage);
}

TEST_CASE_METHOD(InterruptedFixture, "damage in either part of a continued object is found") {
    verify();
    fake.fail_read(object, "");
    const auto at = GENERATE(std::size_t{100}, std::size_t{2100});
    damage(at);
    if (at < before) {
        // The first part was read before it was damaged; the next reading finds that.
        CHECK(verify().damaged.empty());
        CHECK(verify().damaged.size() == 1);
        return;
    }
    const auto report = verify();
    CHECK(report.damaged.size() == 1);
    CHECK(report.bytes.count == size - before + size);  // read a second time
    CHECK(record().damage);
    CHECK_FALSE(record().partial);
}

TEST_CASE_METHOD(InterruptedFixture, "an object that was repaired in the meantime is not damaged") {
    damage(100);
    verify();
    damage(100);
    fake.fail_read(object, "");
    const auto report = verify();
    CHECK(report.damaged.empty());
    CHECK(report.complete);
    CHECK_FALSE(record().damage);
}

TEST_CASE_METHOD(InterruptedFixture,
                 "a ledger's entry about a part does not mark the object as damaged") {
    verify();
    fake.fail_read(object, "");
    scrub::change_ledger(config.state_directory, "disk", [&](scrub::Ledger& ledger) {
        auto& partial = ledger.objects.at(object).partial;
        SECTION("another hash") {
            partial->hash.chaining = {};
        }
        SECTION("more bytes than there are") {
            partial->hash.bytes = size + 64;
        }
        SECTION("in the future") {
            partial->since = clock.now() + std::chrono::hours(1);
        }
        SECTION("within a block") {
            partial->hash.bytes = 65;
        }
    });
    const auto report = verify();
    CHECK(report.complete);
    CHECK(report.unread.empty());
    CHECK(report.damaged.empty());
    CHECK_FALSE(record().damage);
}

TEST_CASE_METHOD(InterruptedFixture, "rsync, which sends whole objects, is not asked for parts") {
    fake.compare_by("rsync");
    const scrub::ReadingOfRemote whole{.whole = true};
    REQUIRE(verify(whole).unread.size() == 1);
    CHECK(record().failures == 1);
    CHECK_FALSE(record().partial);
    fake.fail_read(object, "");
    CHECK(verify(whole).bytes.count == size);
}
