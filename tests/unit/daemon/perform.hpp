// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "daemon/cli/subcommand.hpp"

namespace mastobak::test {

/// Performs the command of these words, as `mastobak` does, and returns its exit status.
/// \param options those that the words do not have: --config
/// Throws Error, and CLI::ParseError for words that are not a command.
inline int perform(daemon::Options options, const std::string& words) {
    CLI::App app;
    std::function<int()> chosen;
    daemon::Subcommand::add_all(app, options, chosen);
    app.parse(words);
    return chosen();
}

}  // namespace mastobak::test
