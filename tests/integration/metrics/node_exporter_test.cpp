// SPDX-License-Identifier: GPL-3.0-or-later
// The metrics, as the programs of Prometheus read them.

#include <fmt/format.h>

#include "core/process/process.hpp"
#include "daemon/records/metrics.hpp"
#include "support/catch.hpp"
#include "support/report_facts.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

/// A state with a value of each metric, and with a hostile name of a remote.
std::string text_of_state() {
    const auto facts = facts_of_everything("b2 \"crypt\"\\ \xc3\xbc");
    auto last = *facts.state.history.last_run;
    last.down = {"mastodon-web.service"};
    return metrics::to_text(daemon::gauges_of(facts.state, facts.health, last));
}

}  // namespace

TEST_CASE("a real node_exporter serves the metrics of the text file") {
    const TemporaryDirectory directory;
    const auto text = text_of_state();
    metrics::write_textfile(directory / "mastobak.prom", text);
    const auto scraped =
        run({.argv = {SOURCE_DIR "/tests/support/scrape-textfile", directory.path()}});
    INFO(scraped.error_tail);
    REQUIRE(scraped.ok());
    const auto& output = scraped.output;
    CHECK(output.find("node_textfile_scrape_error 0\n") != output.npos);
    CHECK(output.find("node_textfile_mtime_seconds{file=") != output.npos);
    CHECK(output.find("mastobak_units_down 1\n") != output.npos);
    CHECK(output.find("mastobak_health 1\n") != output.npos);
    CHECK(output.find("mastobak_offsite_queued_sets{remote=\"nas\"} 2\n") != output.npos);
    CHECK(
        output.find("mastobak_offsite_queued_sets{remote=\"b2 \\\"crypt\\\"\\\\ \xc3\xbc\"} 0\n") !=
        output.npos);
    // Each metric arrives.
    std::size_t names = 0;
    for (auto at = text.find("# TYPE "); at != text.npos; at = text.find("# TYPE ", at + 1)) {
        const auto line = text.substr(at, text.find('\n', at) - at);
        CAPTURE(line);
        if (text.compare(at + line.size() + 1, 1, "#") != 0) {
            ++names;
            CHECK(output.find(line) != output.npos);
        }
    }
    CHECK(names > 15);
}

TEST_CASE("promtool accepts the metrics") {
    const TemporaryDirectory directory;
    write(directory / "mastobak.prom", text_of_state());
    const auto checked = run({.argv = {"sh", "-c", "promtool check metrics < \"$0\" 2>&1",
                                       directory / "mastobak.prom"}});
    CHECK(checked.output == "");
    CHECK(checked.ok());
}
