// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/space_budget.hpp"

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;

TEST_CASE("what is written to staging leaves staging.min_free alone") {
    const test::TemporaryDirectory directory;
    config::Staging staging;
    staging.path = directory.path();
    staging.min_free = Bytes{0};
    backup::FreeSpaceGuard none(staging);
    for (std::uint64_t mib = 0; mib < 1000; ++mib) none.check(Bytes{mib << 20});

    staging.min_free = Bytes{std::uint64_t{1} << 60};
    backup::FreeSpaceGuard some(staging);
    try {
        some.check(Bytes{1});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::staging);
        CHECK_FALSE(error.hint().empty());
    }
}
