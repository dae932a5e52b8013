// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/pack_pipeline.hpp"

#include "core/crypto/sha256.hpp"
#include "media/tree_options.hpp"
#include "small_staging.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"

using namespace mastobak;
using namespace mastobak::test;

// A run repacks before its first walk, and the walk may discard the packs of interrupted runs.
TEST_CASE("a pack of this run can still make room when those of interrupted runs are discarded") {
    SmallStaging host;
    host.add_remote("a");
    host.config.staging.max_size = Bytes{1 << 20};
    const FakeClock clock(*parse_iso8601("2090-03-15T03:00:00Z"));
    backup::PackPipeline packs(host.config, Bytes{}, false, clock);
    media::TreeOptions options;
    options.pack_directory = host.directory / "made";
    packs.watch(options, 1, [](std::string_view) {}, {});

    media::Pack pack;
    pack.name = "20900315T030000Z-0001.tar";
    pack.size = Bytes{900'000};
    pack.members = 1;
    const auto file = options.pack_directory / pack.name;
    write(file, std::string(pack.size.count, 'p'));
    pack.sha256 = sha256_of_file(file);
    write(host.directory / "lines", "lines");
    options.finished(pack, host.directory / "lines");
    REQUIRE(host.packs_unfinished() == std::vector{pack.name});

    packs.discard_resumed();
    CHECK_NOTHROW(options.make_room(Bytes{400'000}));
    CHECK(host.packs_at("a") == std::vector{pack.name});
    CHECK(host.packs_unfinished().empty());
}
