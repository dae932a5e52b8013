// SPDX-License-Identifier: GPL-3.0-or-later
// The calendar, the charts and the table of the nights.

#include <algorithm>
#include <boost/range/adaptor/reversed.hpp>

#include "core/text.hpp"
#include "daemon/report/charts.hpp"
#include "daemon/report/sections.hpp"

namespace mastobak::daemon::report {
namespace {

constexpr std::size_t most_bars = 60;
constexpr std::size_t most_rows = 60;

Html key(std::string_view colour, std::string_view meaning) {
    return html("<span>{}{}</span>", square(colour), meaning);
}

std::string result_of(const Night& night) {
    return night.ok() ? "set " + *night.set : "failed: " + night.error;
}

Html row(const Night& night) {
    const auto* colour = !night.ok() ? "is-bad" : night.warnings > 0 ? "is-warn" : "is-good";
    Html more;
    if (night.ok())
        more = html(
            "<td class=\"n\" data-label=\"new\">{}</td><td class=\"n\" "
            "data-label=\"downtime\">{}</td>",
            to_string(night.database + night.media + night.other), to_text(night.downtime));
    else
        more = html("<td></td><td></td>");
    std::string notes = night.note;
    if (night.ok() && night.warnings > 0)
        notes += (notes.empty() ? "" : ", ") + counted(night.warnings, "warning");
    return html(
        "<tr><td class=\"n\">{}</td><td class=\"result {}\">{}</td>{}<td class=\"n\" "
        "data-label=\"took\">{}</td><td>{}</td>"
        "</tr>\n",
        to_local_text(night.started_at), colour, result_of(night), more, to_text(night.took),
        notes);
}

Html table(const Facts& facts) {
    Html rows;
    std::size_t left = most_rows;
    for (const auto& night : boost::adaptors::reverse(facts.nights)) {
        if (left-- == 0) break;
        rows += row(night);
    }
    return html(
        "<details>\n<summary>The last {}</summary>\n<table>\n<thead><tr><th>begun</th><th>result"
        "</th><th>new</th><th>downtime</th><th>took</th><th>notes</th></tr></thead>\n<tbody>\n{}"
        "</tbody>\n</table>\n</details>\n",
        counted(std::min(most_rows, facts.nights.size()), "run"), rows);
}

using Value = std::vector<double> (*)(const Night&);

/// A chart of those nights that have made a set.
Html chart(const Facts& facts, std::string_view caption,
           const std::vector<std::string_view>& classes, Value value,
           std::string (*number)(double)) {
    std::vector<const Night*> shown;
    for (const auto& night : facts.nights)
        if (night.ok()) shown.push_back(&night);
    if (shown.size() > most_bars)
        shown.erase(shown.begin(), shown.end() - static_cast<std::ptrdiff_t>(most_bars));
    if (shown.empty()) return {};
    std::vector<Bar> bars;
    for (const auto* night : shown) {
        Bar bar{to_local_text(night->started_at), value(*night)};
        for (const auto part : bar.parts) bar.title += "; " + number(part);
        bars.push_back(std::move(bar));
    }
    const auto date = [](const Night& night) {
        return to_local_text(night.started_at).substr(0, 10);
    };
    return bar_chart(caption, bars, classes, date(*shown.front()), date(*shown.back()), number);
}

std::string size_text(double bytes) {
    return to_string(Bytes{static_cast<std::uint64_t>(bytes)});
}

std::string time_text(double seconds) {
    return to_text(std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(seconds)));
}

double number_of(Bytes bytes) {
    return static_cast<double>(bytes.count);
}

double seconds_of(std::chrono::nanoseconds time) {
    return std::max(0.0, std::chrono::duration<double>(time).count());
}

}  // namespace

Html nights_section(const Facts& facts) {
    if (facts.nights.empty()) return {};
    auto contents = calendar(facts.nights, facts.now, facts.local_day);
    contents += html("<div class=\"key small\">{}{}{}{}</div>\n", key("good", "a set was made"),
                     key("warn", "with warnings, or after a failed attempt"), key("bad", "failed"),
                     key("line", "no run"));
    contents += table(facts);
    return section("Nights", contents);
}

Html charts_section(const Facts& facts) {
    auto charts = chart(
        facts, "Added to staging by each set", {"one", "two", "three"},
        [](const Night& night) {
            return std::vector{number_of(night.database), number_of(night.media),
                               number_of(night.other)};
        },
        size_text);
    charts += chart(
        facts, "Downtime", {"one"},
        [](const Night& night) { return std::vector{seconds_of(night.downtime)}; }, time_text);
    charts += chart(
        facts, "Duration of the run", {"one"},
        [](const Night& night) { return std::vector{seconds_of(night.took)}; }, time_text);
    charts += chart(
        facts, "Staging in use, before retention", {"one"},
        [](const Night& night) { return std::vector{number_of(night.used.value_or(Bytes{}))}; },
        size_text);
    if (charts.text.empty()) return {};
    return section("Sizes and times",
                   html("<div class=\"charts\">\n{}</div>\n<div class=\"key small\">{}{}{}</div>\n",
                        charts, key("one", "database, and single values"), key("two", "media"),
                        key("three", "configuration and lists")));
}

}  // namespace mastobak::daemon::report
