// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/report/html.hpp"

#include "core/readable.hpp"

namespace mastobak::daemon::report {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : readable(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace mastobak::daemon::report
