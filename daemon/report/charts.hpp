// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/records/nights.hpp"
#include "daemon/report/html.hpp"
#include "store/retention/retention.hpp"

/// The drawings of the report, as SVG.
namespace mastobak::daemon::report {

/// A bar of a chart.
struct Bar {
    std::string title;          ///< shown when the pointer is over the bar
    std::vector<double> parts;  ///< from the bottom to the top; not negative
};

/// Draws bars beside each other, the last one at the right.
/// \param caption   what is shown
/// \param classes   names of the colours of the parts
/// \param from, to  labels of the first and the last bar
/// \param number    returns the text for a height
Html bar_chart(std::string_view caption, const std::vector<Bar>& bars,
               const std::vector<std::string_view>& classes, std::string_view from,
               std::string_view to, const std::function<std::string(double)>& number);

/// Draws the last 26 weeks, one square a day: whether a set was made.
/// \param nights oldest first
Html calendar(const std::vector<Night>& nights, Timestamp now, const store::LocalDay& local_day);

/// Draws how much of a place is used.
/// \param used, free bytes
Html room_bar(double used, double free, std::string_view label);

/// Returns a small square, for keys. \param colour name of the colour
Html square(std::string_view colour);

}  // namespace mastobak::daemon::report
