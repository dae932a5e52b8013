// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// The completion of command lines, for bash, zsh and fish. The scripts in packaging/completion ask
/// the program itself (`mastobak complete -- WORD…`), so that they know each option that CLI11
/// knows.
namespace mastobak::daemon {

/// A word that could be at the place of the last word.
struct Candidate {
    std::string word;
    std::string help;
};

struct Completion {
    std::vector<Candidate> candidates;
    /// What the shell has to add: "none", "files", "directories", "users".
    std::string_view others = "none";
};

/// The names that exist on this host.
struct KnownNames {
    std::function<std::vector<std::string>()> sets, remotes, instances;
};

/// Returns how the last word could be completed.
/// \param words the words after `mastobak`; the last one is incomplete, and may be empty. When it
///        is `--option=value`, the candidates are values.
Completion complete(const CLI::App& app, const std::vector<std::string>& words,
                    const KnownNames& names);

/// Prints a completion, as the scripts read it: the word for `others`, then a line for each
/// candidate with a TAB between word and help.
void print_completion(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace mastobak::daemon
