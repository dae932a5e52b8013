// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"
#include "mastodon/instance.hpp"

namespace mastobak::mastodon {

/// Parses a dotenv file as the Ruby library `dotenv` does (export, quotes, escapes, comments,
/// `$VAR` and `${VAR}`): neither the shell's syntax nor systemd's. `$(command)` is never executed:
/// what takes its value from one, or from a variable that is not set, is among the unknowns.
/// Takes time in proportion to the text; a value has at most 64 KiB, all of them 4 MiB.
/// \param known earlier values, for `$VAR`
/// \param gem   major version of the library, as gem_of_lock returns it: `"\n"`, `export A=` and a
///              name alone mean something else in 2 (Mastodon 4.2) than in 3. Where it is not
///              known, such values are among the unknowns.
/// Throws Error{config} with file:line; for UTF-16, a NUL byte, and what is too large, as well.
Dotenv parse_dotenv(std::string_view text, const std::filesystem::path& file,
                    const Dotenv& known = {}, std::optional<unsigned> gem = {});

/// Adds the variables of a file to those of files that come earlier, and win.
/// Throws as parse_dotenv does.
void add_dotenv(std::string_view text, const std::filesystem::path& file, Dotenv& known,
                std::optional<unsigned> gem = {});

/// No dotenv file is as large.
inline constexpr Bytes largest_dotenv{std::uint64_t{1} << 20};

}  // namespace mastobak::mastodon
