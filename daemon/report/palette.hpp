// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>

/// The colours of the report. tests/unit/daemon/report_test.cpp computes their contrasts.
namespace mastobak::daemon::report {

/// A colour of the page: its name in the style sheet, and its values as "#rrggbb".
struct Colour {
    std::string_view name;
    std::string_view light;
    std::string_view dark;
};

inline constexpr std::array palette{
    Colour{"page", "#ffffff", "#101418"},  ///< behind all
    Colour{"card", "#f4f6f8", "#1a2028"},  ///< behind a section
    Colour{"text", "#1b1f24", "#e8edf2"},
    Colour{"faint", "#515b66", "#a3adb8"},  ///< text of less importance
    Colour{"line", "#d3d9e0", "#323b46"},   ///< borders, empty cells; carries no meaning alone
    Colour{"good", "#166a2f", "#4cc26a"},
    Colour{"warn", "#8a5300", "#e0a63a"},
    Colour{"bad", "#b81d2c", "#ff7b72"},
    Colour{"one", "#0b61c4", "#5aa2f7"},  ///< first series of a chart
    Colour{"two", "#8a4600", "#e8964b"},
    Colour{"three", "#77429e", "#c08be8"},
};

/// Returns the style sheet.
std::string style_sheet();

}  // namespace mastobak::daemon::report
