// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include "core/error.hpp"
#include "store/staging.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

TEST_CASE("a file system that publication can use is left as it was") {
    TemporaryDirectory directory;
    CHECK_NOTHROW(store::check_file_system(directory / ""));
    CHECK(fs::is_empty(directory / ""));
}

TEST_CASE("a place that cannot take a set is told with the reason") {
    try {
        store::check_file_system("/proc");
        FAIL("taken");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::staging);
        CHECK(error.text().starts_with("the staging directory '/proc' cannot take a set"));
        CHECK(!error.hint().empty());
    }
}
