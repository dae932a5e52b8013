// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/report/html.hpp"

#include <array>

#include "core/text.hpp"

namespace mastobak::daemon::report {

std::string escaped(std::string_view text) {
    constexpr std::string_view special = "&<>\"'";
    constexpr std::array references{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    std::string out;
    for (const char c : readable(text)) {
        const auto at = special.find(c);
        if (at == special.npos)
            out += c;
        else
            out += references.at(at);
    }
    return out;
}

}  // namespace mastobak::daemon::report
