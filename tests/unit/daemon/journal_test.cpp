// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of the journal's entries, and the catalog of `journalctl -x`.

#include <algorithm>
#include <set>
#include <sstream>

#include "core/files/files.hpp"
#include "core/process/process.hpp"
#include "daemon/logging.hpp"
#include "daemon/message_ids.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;

namespace {

const std::string catalog_file = SOURCE_DIR "/packaging/mastobak.catalog";

std::set<std::string> ids_of_catalog() {
    std::set<std::string> ids;
    std::istringstream lines(read_file(catalog_file));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("-- ")) CHECK(ids.insert(line.substr(3)).second);
    return ids;
}

std::set<std::string> ids_of_program() {
    std::set<std::string> ids;
    for (const auto& kind : error_kinds)
        CHECK(ids.insert(std::string(failed_run(kind.code).id)).second);
    for (const auto& event : events::all) CHECK(ids.insert(std::string(event.id)).second);
    return ids;
}

bool has_field(const std::vector<std::string>& entry, const std::string& field) {
    return std::ranges::find(entry, field) != entry.end();
}

}  // namespace

TEST_CASE("the catalog has an entry for each MESSAGE_ID of the program, and no other") {
    const auto ids = ids_of_program();
    CHECK(ids == ids_of_catalog());
    for (const auto& id : ids) {
        CAPTURE(id);
        CHECK(id.size() == 32);
        CHECK(id.find_first_not_of("0123456789abcdef") == id.npos);
    }
}

TEST_CASE("the manual has each event") {
    const auto manual = read_file(SOURCE_DIR "/packaging/man/mastobak.8");
    for (const auto& event : events::all)
        CHECK(manual.find(".Ql " + std::string(event.event)) != std::string::npos);
    CHECK(manual.find(".Ql run-failed") != std::string::npos);
}

TEST_CASE("journalctl accepts the catalog, and prints it") {
    const test::TemporaryDirectory root;
    const auto there = root / "usr/lib/systemd/catalog";
    std::filesystem::create_directories(there);
    std::filesystem::copy_file(catalog_file, there / "mastobak.catalog");
    const auto option = "--root=" + root.path().native();
    const auto made = run({.argv = {"journalctl", option, "--update-catalog"}});
    INFO(made.error_tail);
    REQUIRE(made.ok());
    CHECK(made.error_tail == "");
    for (const auto& id : ids_of_program()) {
        CAPTURE(id);
        const auto shown = run({.argv = {"journalctl", option, "--dump-catalog", id}});
        CHECK(shown.output.find("Defined-By: mastobak") != std::string::npos);
        CHECK(shown.output.size() > 150);
    }
}

TEST_CASE("entries have the fields of the scope that they are logged in") {
    CHECK(journal_entry("text", 6) ==
          std::vector<std::string>{"MESSAGE=text", "PRIORITY=6", "SYSLOG_IDENTIFIER=mastobak"});
    const WithFields outer({.run = "1", .event = events::run_started});
    {
        const WithFields inner({.set = "s", .remote = "b2", .event = events::upload_failed});
        const auto entry = journal_entry("text", 4);
        CHECK(entry.size() == 7);
        CHECK(has_field(entry, "MASTOBAK_SET=s"));
        CHECK(has_field(entry, "MASTOBAK_REMOTE=b2"));
        CHECK(has_field(entry, "MASTOBAK_EVENT=upload-failed"));
        CHECK(has_field(entry, "MESSAGE_ID=55212609721940de86ee7076e09c7d46"));
    }
    CHECK(has_field(journal_entry("text", 4), "MASTOBAK_RUN=1"));
    CHECK(journal_entry("text", 4).size() == 6);
}

TEST_CASE("no value adds a field, a line or a control character to an entry") {
    const std::string hostile = "a\nMESSAGE_ID=0123\n\x1b[31m\xff";
    const WithFields fields({.run = hostile, .set = hostile, .remote = hostile});
    for (const auto& field : journal_entry(hostile, 3)) {
        CAPTURE(field);
        CHECK(std::ranges::none_of(field, [](char c) { return c == '\n' || c == '\x1b'; }));
    }
    CHECK(journal_entry(hostile, 3).size() == 6);
}
