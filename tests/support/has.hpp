// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "support/catch.hpp"

namespace mastobak::test {

/// Returns whether a text has a part.
inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

/// As has(); the next assertion shows the text if it fails.
inline bool says(const std::string& text, std::string_view part) {
    UNSCOPED_INFO(text);
    return has(text, part);
}

}  // namespace mastobak::test
