// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/report/report.hpp"

#include <algorithm>
#include <cmath>

#include "core/files/files.hpp"
#include "daemon/records/nights.hpp"
#include "daemon/report/growth.hpp"
#include "daemon/report/html.hpp"
#include "daemon/report/palette.hpp"
#include "support/catch.hpp"
#include "support/report_facts.hpp"
#include "support/temporary_directory.hpp"
#include "unit/daemon/now.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;
using report::html;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
}

/// Returns the relative luminance of "#rrggbb". Source: WCAG 2.1, "relative luminance"
double luminance(std::string_view colour) {
    double sum = 0;
    const std::array weights{0.2126, 0.7152, 0.0722};
    for (std::size_t i = 0; i < 3; ++i) {
        const double value =
            std::stoi(std::string(colour.substr(1 + 2 * i, 2)), nullptr, 16) / 255.0;
        sum += weights[i] *
               (value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4));
    }
    return sum;
}

double contrast(std::string_view a, std::string_view b) {
    const std::pair<double, double> both = std::minmax({luminance(a), luminance(b)});
    const auto [low, high] = both;
    return (high + 0.05) / (low + 0.05);
}

const report::Colour& colour(std::string_view name) {
    return *std::ranges::find(report::palette, name, &report::Colour::name);
}

}  // namespace

TEST_CASE("arguments of HTML are escaped, and line feeds come only from the format") {
    CHECK(html("<b title=\"{}\">{}</b>\n", "\"'>", "<i>&\n\x1b").text ==
          "<b title=\"&quot;&#39;&gt;\">&lt;i&gt;&amp;\\x0a\\x1b</b>\n");
    CHECK(html("{}{}", html("<br>"), 5).text == "<br>5");
}

TEST_CASE("a report of hostile names has the same elements as one of harmless names") {
    const auto page = report::to_html(test::facts_of_everything(test::hostile));
    const auto harmless = report::to_html(test::facts_of_everything("b2"));
    for (const std::string tag :
         {"<script", "<img", "<b", "</style", "</title", "<p", "<td", "<li"}) {
        CAPTURE(tag);
        CHECK(count(page, tag) == count(harmless, tag));
    }
    CHECK(count(page, "<script") == 0);
    CHECK(count(page, "<a ") == 0);
    CHECK(count(page, "http") == count(harmless, "http"));
    CHECK(page.find('\x1b') == page.npos);
    CHECK(page.find('\xff') == page.npos);
    CHECK(page.find("default-src 'none'; style-src 'sha256-") != page.npos);
}

TEST_CASE("the report has health, nights, charts, room, remotes, drills, retention and warnings") {
    const auto page = report::to_html(test::facts_of_everything("b2"));
    for (const std::string text :
         {"UNHEALTHY", "remote &#39;b2&#39; is late by 2 d 3 h", "9 h 0 min ago", "As of",
          "b2: cannot connect to the database", "<figcaption>Downtime</figcaption>",
          "150.0 GiB in use, 60.0 GiB free; it grows by 12.0 GiB in 30 days; at that rate it is "
          "full in 149 d",
          "140.0 GiB in use, 500.0 GiB free", "2 sets (1.1 GiB)", "b2: connection refused",
          "A full restore would take about 1 h 37 min", "NOT proven", "daily 1 of 7, weekly 1 of 4",
          "pinned, b2", "a file with a long path is not in the set"}) {
        CAPTURE(text);
        CHECK(page.find(text) != page.npos);
    }
}

TEST_CASE("the report says that the free space of a remote is unknown") {
    auto facts = test::facts_of_everything("b2");
    facts.free.clear();
    CHECK(report::to_html(facts).find("140.0 GiB in use, the free space is unknown") !=
          std::string::npos);
}

TEST_CASE("a remote with very many sets does not make a very large report") {
    auto facts = test::facts_of_everything("b2");
    const auto usual = report::to_html(facts).size();
    auto& pruned = facts.state.pruned.front();
    for (int i = 0; i < 100'000; ++i) pruned.decisions.push_back(pruned.decisions.front());
    pruned.warnings.assign(100'000, "a warning");
    const auto page = report::to_html(facts);
    CHECK(page.size() < usual + 50'000);
    CHECK(page.find("and 99802 older ones") != page.npos);
}

TEST_CASE("the report of a new instance says that there is nothing yet") {
    report::Facts facts;
    facts.now = now;
    facts.host = "social.example";
    const auto page = report::to_html(facts);
    CHECK(page.find("no run has made a set yet") != page.npos);
    CHECK(page.find("No drill was made yet.") != page.npos);
    CHECK(page.find("<svg") == page.npos);
}

TEST_CASE("the colours of the report have the contrast of WCAG AA") {
    for (const auto shade : {&report::Colour::light, &report::Colour::dark}) {
        for (const auto* text : {"text", "faint", "good", "warn", "bad"})
            for (const auto* behind : {"page", "card"}) {
                CAPTURE(text, behind);
                CHECK(contrast(colour(text).*shade, colour(behind).*shade) >= 4.5);
            }
        for (const auto* graphic : {"one", "two", "three", "good", "warn", "bad"}) {
            CAPTURE(graphic);
            CHECK(contrast(colour(graphic).*shade, colour("card").*shade) >= 3);
        }
    }
    CHECK(contrast("#ffffff", "#000000") == Approx(21));
}

TEST_CASE("the forecast is a line through the measurements of two months") {
    report::Measurements growing;
    for (int day = 100; day >= 0; --day)
        growing.emplace_back(now - day * 24h,
                             Bytes{static_cast<std::uint64_t>(1000 - 10 * std::min(day, 60))});
    const auto growth = report::growth_per_day(growing, now);
    REQUIRE(growth);
    CHECK(*growth == Approx(10));
    const auto full = report::full_at(*growth, Bytes{300}, now);
    REQUIRE(full);
    CHECK(std::chrono::abs(*full - (now + 30 * 24h)) < 1min);

    CHECK_FALSE(report::full_at(0, Bytes{300}, now));
    CHECK_FALSE(report::full_at(-5, Bytes{300}, now));
    CHECK_FALSE(report::full_at(1e-9, Bytes{300}, now));
    CHECK(report::full_at(5, Bytes{0}, now) == now);
    CHECK_FALSE(report::growth_per_day({}, now));
    CHECK_FALSE(report::growth_per_day({{now, Bytes{1}}, {now, Bytes{2}}, {now, Bytes{3}}}, now));
}

TEST_CASE("nights are kept, the newest 400 of them, whatever their texts") {
    const test::TemporaryDirectory directory;
    CHECK(read_nights(directory.path()).empty());
    auto nights = test::facts_of_everything(test::hostile).nights;
    for (const auto& night : nights) add_night(directory.path(), night);
    const auto read = read_nights(directory.path());
    // A later attempt of the same second replaces an earlier one.
    CHECK(read.size() <= nights.size());
    CHECK(read.back().set == nights.back().set);
    CHECK(read.back().used == nights.back().used);
    CHECK(read.back().places.at(0).bytes == nights.back().places.at(0).bytes);
    CHECK(read.back().media == nights.back().media);
    for (int i = 0; i < 410; ++i) {
        Night night;
        night.id = fmt::format("{}", i);
        night.started_at = now + i * 1s;
        add_night(directory.path(), night);
    }
    CHECK(read_nights(directory.path()).size() == 400);
    CHECK(read_nights(directory.path()).back().id == "409");
    test::write(directory / "nights.json", "{\"nights\": [1, {}]}");
    CHECK(read_nights(directory.path()).empty());
}

TEST_CASE("a night has the sizes of what its own set has added") {
    store::Manifest manifest;
    manifest.set = "20261122T030000Z";
    manifest.note = "before 4.7";
    manifest.artifacts = {{"database.difference", Bytes{10}, {}},
                          {"media.index.zst", Bytes{5}, {}}};
    manifest.media.packs = {{"20261121T030000Z-0001.tar", Bytes{1000}, {}, 1, {}},
                            {"20261122T030000Z-0001.tar", Bytes{200}, {}, 1, {}}};
    manifest.database.base =
        store::BaseReference{"20261121T030000Z-base.dump.zst", Bytes{999}, {}, {}};
    const auto night = night_of(manifest);
    CHECK(night.database == Bytes{10});
    CHECK(night.media == Bytes{200});
    CHECK(night.other == Bytes{5});
    CHECK(night.note == "before 4.7");
    manifest.database.base->name = "20261122T030000Z-base.dump.zst";
    CHECK(night_of(manifest).database == Bytes{1009});
}

TEST_CASE("the kept report is readable only for its owner") {
    const test::TemporaryDirectory directory;
    report::write_report(directory.path(), test::facts_of_everything("b2"));
    CHECK((std::filesystem::status(directory / "report.html").permissions() &
           std::filesystem::perms::all) == std::filesystem::perms(0600));
}
