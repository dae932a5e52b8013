// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "drill_fixture.hpp"
#include "integration/postgres/fixture.hpp"
#include "restore/restore_set.hpp"
#include "restore/source/set_source.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

// Both servers run without fsync. The database has a few hundred megabytes, so that the fixed costs
// of a drill's load (roles, extensions, statistics of small tables) do not matter.
TEST_CASE_METHOD(DrillFixture, "an estimate is within a factor of 1.5 of the restore", "[.long]") {
    constexpr double largest_factor = 1.5;
    constexpr int more_files = 4000;
    sql("CREATE TABLE much AS SELECT n AS id, md5(n::text) AS a, repeat(md5((-n)::text), 4) AS b "
        "FROM generate_series(1, 1500000) n; ALTER TABLE much ADD PRIMARY KEY (id);"
        "CREATE INDEX ON much (a)");
    for (int id = 21; id <= more_files; ++id)
        rewrite(id, std::string(static_cast<std::size_t>(id) * 10, 'x'));
    publish("20261122T030000Z");
    const auto report = drill();
    sql("DROP TABLE much");
    INFO(problems_of(report));
    REQUIRE(report.full_restore);
    const auto estimated = std::chrono::duration<double>(report.full_restore->total()).count();

    const auto source = restore::sets_in(staging.root(), {}, directory / "scratch-of-source");
    const restore::SetOptions all{
        .database = restore::SetOptions::Database{.name = "wholly_restored",
                                                  .server = settings_of("postgres")},
        .media = restore::SetOptions::Media{.target = directory / "restored"},
        .scratch = directory / "scratch-of-restore"};
    fs::create_directory(all.scratch);
    const auto begin = std::chrono::steady_clock::now();
    restore::restore_set(*source, source->manifest(set, {}), all, {}, {});
    const auto real =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    PostgresServer::shared().psql("postgres", "DROP DATABASE wholly_restored");
    INFO(fmt::format("estimated {:.1f} s ({:.1f} of the database), real {:.1f} s", estimated,
                     std::chrono::duration<double>(report.full_restore->database).count(), real));
    CHECK(std::max(estimated, real) / std::min(estimated, real) <= largest_factor);
}
