// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/instance.hpp"

namespace mastobak::daemon {

/// A rule of polkit that setup writes, because the rule of the package has only the usual names of
/// Mastodon's units.
struct PolkitRule {
    std::filesystem::path file{};
    std::string text{};  ///< empty: no rule is needed
};

/// Returns the rule that lets the daemon control units. It is after 40-mastobak.rules, which an
/// admin may have written, and before 50-mastobak.rules of the package.
/// \param units    names of units, without patterns
/// \param instance which has a file of its own for them
PolkitRule polkit_rule(const std::vector<std::string>& units, const Instance& instance);

/// Writes a rule, which polkit uses at once. Prints that it was written, unless the file has the
/// text already.
/// Throws Error{environment}.
void write_polkit_rule(const PolkitRule& rule);

}  // namespace mastobak::daemon
