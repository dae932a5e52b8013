// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/pack_pipeline.hpp"
#include "core/files/files.hpp"
#include "media/tree_options.hpp"
#include "store/new_set.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/store_fixture.hpp"

using namespace mastobak;
using namespace mastobak::test;

// Repacking adds packs before the first pass, which then drops packs of earlier runs.
TEST_CASE_METHOD(StoreFixture, "to drop what no earlier run has left forgets no pack of this run") {
    constexpr Bytes size{std::uint64_t{1} << 20};
    config::Config config;
    config.staging.path = staging.root();
    config.staging.min_free = {};
    config.staging.max_size = size;
    config.state_directory = directory / "state";
    config::Remote disk;
    disk.name = "disk";
    disk.type = config::RemoteType::directory;
    disk.target = (directory / "disk").native();
    config.offsite.push_back(disk);
    make_directories(directory / "disk");
    const FakeClock clock;
    backup::PackPipeline packs(config, {}, false, clock);
    store::NewSet set(staging, "20261120T030000Z");
    media::TreeOptions options;
    options.pack_directory = set.pack_directory();
    packs.watch(options, 1, [](std::string_view) {}, {});
    const auto pack = add_pack(set, "0001", std::string(size.count, 'x'));
    const auto lines = set.pack_directory() / (pack.name + ".index.zst");
    write(lines, "lines");
    options.finished({.name = pack.name, .size = pack.size, .sha256 = pack.sha256}, lines);

    packs.discard_resumed();

    // Staging is full, and make_room() moves the pack to the remote.
    options.make_room(Bytes{size.count / 2});
    CHECK(std::filesystem::exists(directory / "disk/media" / pack.name));
    CHECK_FALSE(std::filesystem::exists(staging.unfinished() / pack.name));
}
