// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "metrics/gauges.hpp"
#include "support/catch.hpp"
#include "support/prometheus_text.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using test::PrometheusText;

TEST_CASE("gauges are written with help, type and labels, and those without a value are left out") {
    const auto text =
        metrics::to_text({{"m_a", "An a.", {{1.5}}},
                          {"m_none", "Nothing.", {}},
                          {"m_b_bytes", "A b.", {{1e15, {{"x", "y"}, {"z", ""}}}, {0}}}});
    CHECK(text ==
          "# HELP m_a An a.\n# TYPE m_a gauge\nm_a 1.5\n"
          "# HELP m_b_bytes A b.\n# TYPE m_b_bytes gauge\nm_b_bytes{x=\"y\",z=\"\"} "
          "1000000000000000\nm_b_bytes 0\n");
    CHECK(PrometheusText(text).problem == "");
}

TEST_CASE("a label's value is never more than a value") {
    const std::vector<std::string> hostile{
        "\"} 1\nmastobak_health 0\n", "\\", "a\\\"b", {"\0\xff\xc3", 3}, "\xe2\x80\xae", "ä"};
    for (const auto& value : hostile) {
        const PrometheusText text(metrics::to_text({{"m", "An m.", {{1, {{"x", value}}}}}}));
        CHECK(text.problem == "");
        CHECK(text.values.size() == 1);
    }
}

TEST_CASE("the file is replaced at once, and others may read it whatever the umask") {
    const test::TemporaryDirectory directory;
    const auto file = directory.path() / "m.prom";
    const auto before = ::umask(0077);
    metrics::write_textfile(file, "a 1\n");
    metrics::write_textfile(file, "a 2\n");
    ::umask(before);
    CHECK(test::read(file) == "a 2\n");
    CHECK(static_cast<int>(std::filesystem::status(file).permissions()) == 0644);
    CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
    // A symlink is replaced, and its target does not change.
    const auto other = directory.path() / "other";
    metrics::write_textfile(other, "x");
    std::filesystem::remove(file);
    std::filesystem::create_symlink(other, file);
    metrics::write_textfile(file, "a 3\n");
    CHECK(test::read(other) == "x");
    CHECK_THROWS_AS(metrics::write_textfile(directory.path() / "none/m.prom", ""), Error);
}
