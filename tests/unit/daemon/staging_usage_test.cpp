// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/staging_usage.hpp"

#include "daemon/records/json.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;

namespace {

Storage storage(std::uint64_t next, std::size_t nights, std::uint64_t room) {
    Storage storage;
    storage.usage.sets = 1;
    storage.usage.next.bytes = Bytes{next};
    storage.usage.next.nights = nights;
    storage.room = Bytes{room};
    return storage;
}

}  // namespace

TEST_CASE("what the next run needs is told with what it is guessed from") {
    CHECK(storage_lines(storage(2048, 5, 4096)).back() ==
          "the next run needs about 2.0 KiB, the largest of the last 5 nights");
    CHECK(storage_lines(storage(2048, 0, 4096)).back() ==
          "the next run needs 2.0 KiB and the media that is new by then");
    CHECK(storage_lines(storage(2048, 1, 1024)).back() ==
          "the next run needs about 2.0 KiB, the largest of the last night: THAT DOES NOT FIT");
    CHECK(storage_lines({}).size() == 2);
}

TEST_CASE("packs that are not simply in staging are told apart") {
    Storage storage;
    storage.usage.away = Bytes{4096};
    storage.usage.unfinished = Bytes{2048};
    const auto lines = storage_lines(storage);
    REQUIRE(lines.size() == 4);
    CHECK(lines[1] == "4.0 KiB in packs that are off-site only");
    CHECK(lines[2] == "2.0 KiB in packs of an interrupted run, which the next run reuses");
    const auto copy = record_from<Storage>(to_json(storage));
    CHECK(copy.usage.away == storage.usage.away);
    CHECK(copy.usage.unfinished == storage.usage.unfinished);
}

TEST_CASE("a run may use what is free, less min_free, within max_size") {
    test::TemporaryDirectory directory;
    config::Staging staging;
    staging.path = directory.path();
    staging.min_free = {};
    Storage storage;
    storage.usage.live = Bytes{70};
    storage.usage.dead = Bytes{20};
    refresh_free_space(storage, staging);
    CHECK(storage.room == storage.free);
    staging.max_size = Bytes{100};
    refresh_free_space(storage, staging);
    CHECK(storage.room == Bytes{10});
    staging.max_size = Bytes{80};
    refresh_free_space(storage, staging);
    CHECK(storage.room == Bytes{});
    staging.max_size.reset();
    staging.min_free = Bytes{std::uint64_t{1} << 60};
    refresh_free_space(storage, staging);
    CHECK(storage.room == Bytes{});
}
