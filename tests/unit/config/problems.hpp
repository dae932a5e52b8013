// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "config/load.hpp"

namespace mastobak::test {

/// Returns the problems of a configuration, one a line.
inline std::string problems(const std::string& text) {
    std::string all;
    for (const auto& problem : config::load_text(text, "m.yaml").problems)
        all += problem.to_string() + "\n";
    return all;
}

}  // namespace mastobak::test
