// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/process/process.hpp"
#include "support/catch.hpp"

namespace mastobak::test {

/// Runs a program. The test fails if the program fails.
inline void must_run(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    const auto finished = run(command);
    INFO(finished.reason());
    REQUIRE(finished.ok());
}

}  // namespace mastobak::test
