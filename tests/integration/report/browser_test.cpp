// SPDX-License-Identifier: GPL-3.0-or-later
// The report in a real browser. The screenshots are in `screenshots` beside the test's executable.

#include <filesystem>

#include "core/process/process.hpp"
#include "support/catch.hpp"
#include "support/report_facts.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

/// Returns what is wrong with a page, at 360 and 1280 pixels, light and dark; empty: nothing.
std::string problems_of(const std::string& name, const daemon::report::Facts& facts) {
    // Not the working directory: a test that is started by hand would leave them in the sources.
    const auto pictures =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / "screenshots" / name;
    std::filesystem::create_directories(pictures);
    write(pictures / "report.html", daemon::report::to_html(facts));
    const auto finished = run(
        {.argv = {SOURCE_DIR "/tests/support/look-at-page", pictures / "report.html", pictures}});
    return finished.output + (finished.ok() ? "" : finished.error_tail);
}

}  // namespace

TEST_CASE("the report does not overflow, and its texts have the contrast of WCAG AA") {
    CHECK(problems_of("usual", facts_of_everything("b2-crypt")) == "");
}

TEST_CASE("hostile names do nothing in a browser, not even to the layout") {
    CHECK(problems_of("hostile", facts_of_everything(hostile)) == "");
    CHECK(problems_of("long", facts_of_everything(std::string(400, 'w'))) == "");
}

TEST_CASE("the report of a new instance can be looked at, too") {
    daemon::report::Facts facts;
    facts.now = *parse_iso8601("2026-11-22T12:00:00Z");
    facts.host = "social.example";
    CHECK(problems_of("new", facts) == "");
}
