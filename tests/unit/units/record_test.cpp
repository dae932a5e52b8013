// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/record.hpp"

#include <filesystem>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using Names = std::vector<std::string>;

TEST_CASE("a record gives back the names in their order") {
    const test::TemporaryDirectory directory;
    const units::Record record(directory / "run/stopped-units");
    CHECK(record.read().empty());
    const Names names{"mastodon-web.service", "mastodon-streaming@4000.service",
                      "mastodon-x\\x2dy.service"};
    record.write(names);
    CHECK(record.read() == names);
    record.write({"a.service"});
    CHECK(record.read() == Names{"a.service"});
    record.remove();
    CHECK(record.read().empty());
    CHECK_FALSE(std::filesystem::exists(record.file()));
    record.remove();
}

TEST_CASE("lines that are no names of units are left out of a record") {
    const test::TemporaryDirectory directory;
    test::write(directory / "record", "a.service\n\n../b.service\n.service\nno type\nc.service");
    CHECK(units::Record(directory / "record").read() == Names{"a.service", "c.service"});
}

TEST_CASE("a record that cannot be written is an error") {
    const test::TemporaryDirectory directory;
    test::write(directory / "file", "");
    const units::Record record(directory / "file/below/record");
    CHECK_THROWS_AS(record.write({"a.service"}), Error);
}
