// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"
#include "mastodon/instance.hpp"

namespace mastobak::mastodon {

/// Returns the major version of the Ruby library `dotenv` in a Gemfile.lock: 2 for Mastodon 4.2, 3
/// since 4.3. Returns nullopt when the text does not name it.
std::optional<unsigned> gem_of_lock(std::string_view text);

/// Parses a dotenv file as the Ruby library `dotenv` does (export, quotes, escapes, comments,
/// `$VAR` and `${VAR}`), which differs from the shell's syntax and from systemd's. Never executes a
/// `$(command)`: a value that depends on a command, or on a variable that is not set, is returned
/// as unknown. Takes time in proportion to the text. A value has at most 64 KiB, and all values
/// together 4 MiB.
/// \param file  used in messages
/// \param known earlier values, for `$VAR`
/// \param gem   major version of the library, as gem_of_lock returns it: `"\n"`, `export A=` and a
///              name alone have another meaning in version 2 (Mastodon 4.2) than in version 3. When
///              the version is not known, such values are returned as unknown.
/// Throws Error{config} with file:line, also for UTF-16, a NUL byte, and a file or value that is
/// too large.
Dotenv parse_dotenv(std::string_view text, const std::filesystem::path& file,
                    const Dotenv& known = {}, std::optional<unsigned> gem = {});

/// Adds the variables of a file. Variables of files that were added earlier win.
/// Throws as parse_dotenv does.
void add_dotenv(std::string_view text, const std::filesystem::path& file, Dotenv& known,
                std::optional<unsigned> gem = {});

/// The largest dotenv file that is read.
inline constexpr Bytes largest_dotenv{std::uint64_t{1} << 20};

}  // namespace mastobak::mastodon
