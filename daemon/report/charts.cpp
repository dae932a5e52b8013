// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/report/charts.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>

#include "core/text.hpp"
#include "schedule/next_run.hpp"

namespace mastobak::daemon::report {
namespace {

using std::chrono::days;
using std::chrono::local_days;

constexpr std::size_t fewest_columns = 30;  ///< so that few bars do not become wide
constexpr int weeks = 26;
constexpr int step = 12, side = 10, top = 12;  ///< of the calendar's squares
constexpr int label_width = 4 * step;

double total(const Bar& bar) {
    return std::accumulate(bar.parts.begin(), bar.parts.end(), 0.0);
}

Html drawn(const Bar& bar, std::size_t column, double tallest,
           const std::vector<std::string_view>& classes) {
    Html rectangles;
    double below = 0;
    for (std::size_t i = 0; i < bar.parts.size(); ++i) {
        const double height = tallest > 0 ? bar.parts[i] / tallest * 100 : 0;
        if (height <= 0) continue;
        below += height;
        rectangles += html(R"(<rect class="f-{}" x="{}" y="{:.2f}" width="8" height="{:.2f}"/>)",
                           classes.at(i), column * 10 + 1, 100 - below, height);
    }
    return html("<g><title>{}</title>{}</g>", bar.title, rectangles);
}

local_days monday_of(local_days day) {
    return day - (std::chrono::weekday(day) - std::chrono::Monday);
}

/// Returns the first day that the calendar can show.
local_days oldest_monday(local_days today) {
    return monday_of(today) - days((weeks - 1) * 7);
}

std::string date_text(local_days day) {
    const std::chrono::year_month_day date(day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

/// What happened on a day.
struct Day {
    bool made = false, failed = false, warned = false;
    std::string text;
};

Day& operator+=(Day& day, const Night& night) {
    day.made |= night.ok();
    day.failed |= !night.ok();
    day.warned |= night.ok() && night.warnings > 0;
    day.text += night.ok()
                    ? fmt::format("; set {}, {}", *night.set, counted(night.warnings, "warning"))
                    : fmt::format("; failed: {}", night.error);
    return day;
}

// A mark in the square, because not everybody sees the colours.
Html mark(const Day& day, int x, int y) {
    if (!day.made && day.failed)
        return html(R"(<path class="mark" d="M{} {}l6 6m0 -6l-6 6"/>)", x + 2, y + 2);
    if (day.warned || day.failed) return html(R"(<path class="mark" d="M{} {}h6"/>)", x + 2, y + 5);
    return {};
}

std::string_view colour_of(const Day& day) {
    if (!day.made) return day.failed ? "bad" : "line";
    return day.warned || day.failed ? "warn" : "good";
}

}  // namespace

Html bar_chart(std::string_view caption, const std::vector<Bar>& bars,
               const std::vector<std::string_view>& classes, std::string_view from,
               std::string_view to, const std::function<std::string(double)>& number) {
    double tallest = 0;
    for (const auto& bar : bars) tallest = std::max(tallest, total(bar));
    Html drawing;
    for (std::size_t i = 0; i < bars.size(); ++i) drawing += drawn(bars[i], i, tallest, classes);
    return html(R"(<figure><figcaption>{0}</figcaption><div class="small faint">at most {1}</div>)"
                R"(<svg class="plot" viewBox="0 0 {2} 100" preserveAspectRatio="none" role="img" )"
                R"(aria-label="{0}: at most {1}">{3}</svg>)"
                R"(<div class="ends small faint"><span>{4}</span><span>{5}</span></div></figure>)"
                "\n",
                caption, number(tallest), std::max(bars.size(), fewest_columns) * 10, drawing, from,
                to);
}

Html calendar(const std::vector<Night>& nights, Timestamp now, const store::LocalDay& local_day) {
    std::map<local_days, Day> known;
    for (const auto& night : nights) known[local_day(night.started_at)] += night;
    const auto today = local_day(now);
    const auto first = known.empty() ? today : std::max(known.begin()->first, oldest_monday(today));
    const auto monday = monday_of(first);
    Html squares;
    std::size_t made = 0;
    int labels_end = 0;
    auto month = std::chrono::year_month_day(monday - days(7)).month();
    for (auto day = monday; day <= today; day += days(1)) {
        const int index = static_cast<int>((day - monday).count());
        const int x = index / 7 * step, y = top + index % 7 * step;
        const std::chrono::year_month_day date(day);
        if (index % 7 == 0 && date.month() != month && x >= labels_end &&
            x + label_width <= (weeks + 1) * step) {
            month = date.month();
            labels_end = x + label_width;
            squares += html(R"(<text class="month" x="{}" y="9">{}</text>)", x,
                            date_text(day).substr(0, 7));
        }
        // Nothing is known of the days before the first night.
        if (known.empty() || day < first) continue;
        const auto found = known.find(day);
        const auto what = found == known.end() ? Day{} : found->second;
        made += what.made ? 1 : 0;
        squares += html(R"(<g><title>{}{}</title><rect class="f-{}" x="{}" y="{}" width="{}" )"
                        R"(height="{}" rx="2"/>{}</g>)",
                        date_text(day), what.text.empty() ? "; no run" : what.text, colour_of(what),
                        x, y, side, side, mark(what, x, y));
    }
    return html(R"(<svg class="calendar" viewBox="0 0 {} {}" role="img" )"
                R"(aria-label="the last {} weeks: a set was made on {}">{}</svg>)"
                "\n",
                weeks * step, top + 7 * step, weeks, counted(made, "day"), squares);
}

Html room_bar(double used, double free, std::string_view label) {
    const double part = used + free > 0 ? used / (used + free) * 100 : 0;
    const auto* colour = part > 95 ? "bad" : part > 85 ? "warn" : "one";
    return html(R"(<svg class="room" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" )"
                R"(aria-label="{}"><rect class="f-line" width="100" height="10"/>)"
                R"(<rect class="f-{}" width="{:.2f}" height="10"/></svg>)"
                "\n",
                label, colour, part);
}

Html square(std::string_view colour) {
    Day day;
    day.made = colour == "good" || colour == "warn";
    day.failed = colour == "bad";
    day.warned = colour == "warn";
    return html(R"(<svg viewBox="0 0 10 10" aria-hidden="true"><rect class="f-{}" width="10" )"
                R"(height="10" rx="2"/>{}</svg>)",
                colour, mark(day, 0, 0));
}

}  // namespace mastobak::daemon::report
