// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "mastodon/instance.hpp"

/// What systemd says of a unit, as text, into UnitFacts.
namespace mastobak::mastodon {

/// The property Environment= as D-Bus gives it: "K=V", one a line, without quotes or escapes.
Environment parse_unit_environment(std::string_view lines);

/// The property EnvironmentFiles=: one path a line, with or without the "-" of an optional one and
/// without what systemd says of it behind the path ("(ignore_errors=yes)").
std::vector<std::filesystem::path> parse_environment_file_list(std::string_view lines);

/// The contents of an EnvironmentFile: lines K=V, comments (# and ;), quotes, `\` at the end of a
/// line. No variables. Source: systemd.exec(5), EnvironmentFile=.
Environment parse_environment_file(std::string_view text);

}  // namespace mastobak::mastodon
