// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mastodon/instance.hpp"

/// Parses properties of a unit, as systemd reports them, for UnitFacts.
namespace mastobak::mastodon {

/// Parses Environment=, which D-Bus returns as "K=V", one on each line, without quotes or escapes.
Environment parse_unit_environment(std::string_view lines);

/// Parses EnvironmentFiles=, which D-Bus returns as one path or pattern of paths on each line,
/// followed by whether the unit starts without the file ("/etc/x.env false").
std::vector<std::filesystem::path> parse_environment_file_list(std::string_view lines);

/// Parses User=. A number becomes the user's name, if it has one.
std::string parse_user(std::string property);

/// Parses WorkingDirectory=. systemd writes "!" before a directory that may be missing, and "~" for
/// the home directory of the unit's user.
/// \param user the user of the unit; empty: root
/// \return an empty path if the property is empty
std::filesystem::path parse_working_directory(std::string_view property, const std::string& user);

/// Parses an EnvironmentFile as systemd does: lines K=V, comments (# and ;), quotes at the start of
/// a value, `\` before the end of a line. Variables are not expanded.
Environment parse_environment_file(std::string_view text);

}  // namespace mastobak::mastodon
