// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mastodon/instance.hpp"

/// What systemd says of a unit, as text, into UnitFacts.
namespace mastobak::mastodon {

/// The property Environment= as D-Bus gives it: "K=V", one a line, without quotes or escapes.
Environment parse_unit_environment(std::string_view lines);

/// The property EnvironmentFiles= as D-Bus gives it: a path or a pattern of paths a line, and behind
/// it whether the unit starts without it ("/etc/x.env false").
std::vector<std::filesystem::path> parse_environment_file_list(std::string_view lines);

/// The property User=, by name where it is a number; a number that has no name stays.
std::string parse_user(std::string property);

/// The property WorkingDirectory=, in which systemd writes "!" before one that may be missing, and
/// "~" for the home of the unit's user.
/// \param user of the unit; empty: root
/// Returns an empty path where there is none.
std::filesystem::path parse_working_directory(std::string_view property, const std::string& user);

/// The contents of an EnvironmentFile, as systemd takes them: lines K=V, comments (# and ;), quotes
/// at the start of a value, `\` before the end of a line. No variables.
Environment parse_environment_file(std::string_view text);

}  // namespace mastobak::mastodon
