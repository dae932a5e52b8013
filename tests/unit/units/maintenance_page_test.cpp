// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/maintenance_page.hpp"

#include <filesystem>
#include <fstream>

#include "async/run_sync.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/fake_units.hpp"
#include "support/temporary_directory.hpp"
#include "units/stopped_units.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

TEST_CASE("a maintenance page is there from raise to lower, also of a later process") {
    TemporaryDirectory directory;
    const auto file = directory / "maintenance";
    units::MaintenancePage(directory / "record").raise(file);
    CHECK(fs::exists(file));
    const units::MaintenancePage later(directory / "record");
    CHECK(later.raised());
    CHECK(later.lower() == std::nullopt);
    CHECK_FALSE(fs::exists(file));
    CHECK_FALSE(later.raised());
    CHECK(later.lower() == std::nullopt);
}

TEST_CASE("a page that an admin has put up stays") {
    TemporaryDirectory directory;
    const auto file = directory / "maintenance";
    std::ofstream(file) << "ours";
    units::MaintenancePage page(directory / "record");
    page.raise(file);
    CHECK(page.lower() == std::nullopt);
    CHECK(fs::exists(file));
}

TEST_CASE("a page that cannot be made is an error that says so") {
    TemporaryDirectory directory;
    units::MaintenancePage page(directory / "record");
    CHECK_THROWS_AS(page.raise(directory / "no-such-directory" / "maintenance"), Error);
    CHECK_FALSE(page.raised());
}

TEST_CASE("the page is up from before the first stop until after the last start, by every net") {
    TemporaryDirectory directory;
    const auto file = directory / "maintenance";
    SystemClock clock;
    FakeUnitControl systemd;
    systemd.units["a.service"] = {};
    systemd.units["b.service"] = {};
    bool always_there = true;
    systemd.before = [&](const std::string&) { always_there = always_there && fs::exists(file); };
    const units::Record record(directory / "stopped-units");
    const units::StopOptions options{.patterns = {"*.service"}, .maintenance_file = file};

    SECTION("the scope") {
        units::StoppedUnits stopped(systemd, record, options, clock);
        CHECK_FALSE(fs::exists(file));
        async::run_sync(stopped.stop());
        CHECK(async::run_sync(stopped.start()).warnings.empty());
    }
    SECTION("the destructor") {
        units::StoppedUnits stopped(systemd, record, options, clock);
        async::run_sync(stopped.stop());
    }
    SECTION("the record") {
        record.write({"a.service"});
        units::MaintenancePage(directory / "maintenance-file").raise(file);
        systemd.units["a.service"].state = "inactive";
        REQUIRE(units::has_leftovers(record, {}));
        async::run_sync(units::resume(systemd, record, options, clock));
    }
    CHECK(always_there);
    CHECK(systemd.active().size() == 2);
    CHECK_FALSE(fs::exists(file));
}
