// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/acknowledged.hpp"

#include "core/files/files.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "unit/daemon/now.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;

namespace {

bool covers(const std::string& known, const std::string& warning) {
    return Acknowledged{{{known, now, "20261122T030000Z"}}}.has(warning, "20261123T030000Z");
}

}  // namespace

TEST_CASE("a warning is known until it counts more, or is about something else") {
    CHECK(covers("3 sockets are not backed up", "3 sockets are not backed up"));
    CHECK(covers("3 sockets are not backed up", "2 sockets are not backed up"));
    CHECK_FALSE(covers("3 sockets are not backed up", "4 sockets are not backed up"));
    CHECK_FALSE(covers("9 sockets are not backed up", "10 sockets are not backed up"));
    CHECK_FALSE(covers("3 sockets are not backed up", "3 pipes are not backed up"));
    CHECK_FALSE(covers("'a/12' is a socket", "'a/11' is a socket"));
    CHECK_FALSE(covers("'a 12 b' is a socket", "'a 11 b' is a socket"));
    CHECK(covers("", ""));
}

TEST_CASE("missing files are known by their paths, not by their number") {
    const std::string text =
        "1 file that the database names does not exist: see 'missing-media.txt' in the set, "
        "ignoring";
    const Acknowledged acknowledged{{{text, now, "20261122T030000Z"}}};
    CHECK(acknowledged.has(text, "20261122T030000Z"));
    CHECK_FALSE(acknowledged.has(text, "20261123T030000Z"));
    CHECK_FALSE(acknowledged.has(text, ""));
}

TEST_CASE("a warning that merely names a file like the list is not the list's") {
    for (const auto* text :
         {"'missing-media.txt' is a socket, ignoring",
          "2 files changed while they were read, the first is '1 file that the database names', "
          "see 'missing-media.txt' in the set, ignoring",
          "'a: see 'missing-media.txt' in the set, ignoring' is a socket", "", "7", "7 "}) {
        CAPTURE(text);
        CHECK_FALSE(is_of_missing_files(text));
        CHECK(covers(text, text));
    }
    for (const auto* text : {"1 file that the database names does not exist",
                             "12 files that the database names do not exist, 3 are unreadable"}) {
        CAPTURE(text);
        CHECK(is_of_missing_files(text));
    }
}

TEST_CASE("what is acknowledged outlives the process, and is counted instead of told") {
    test::TemporaryDirectory directory;
    RunRecord record;
    record.set = "20261122T030000Z";
    record.warnings = {"2 files are odd", "new"};
    record.acknowledged_files = 7;
    auto without = record;
    leave_out_acknowledged(directory.path(), without);
    CHECK(without.warnings == record.warnings);
    CHECK(without.acknowledged == 1);  // the warning about files

    write_acknowledged(directory.path(), {{{"3 files are odd", now, "20261121T030000Z"}}});
    leave_out_acknowledged(directory.path(), record);
    CHECK(record.warnings == std::vector<std::string>{"new"});
    CHECK(record.acknowledged == 2);

    test::write(directory / "acknowledged.json", "{\"warnings\": [{}]");
    CHECK(read_acknowledged(directory.path()).warnings.empty());
}
