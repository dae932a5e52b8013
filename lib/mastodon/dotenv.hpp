// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

#include "mastodon/instance.hpp"

namespace mastobak::mastodon {

/// Parses a dotenv file as the Ruby library `dotenv` does (export, quotes, escapes, comments,
/// `$VAR` and `${VAR}`): neither the shell's syntax nor systemd's. `$(command)` is never executed:
/// it stays as it is.
/// \param known earlier values, for `$VAR`
/// Throws Error{config} with file:line.
Environment parse_dotenv(std::string_view text, const std::filesystem::path& file,
                         const Environment& known = {});

}  // namespace mastobak::mastodon
