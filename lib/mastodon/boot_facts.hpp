// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What Mastodon itself says of a restored database. A drill runs a program (`bin/rails runner -`)
/// and gives it a Ruby script on standard input; the program prints one line on standard output,
/// "mastobak-boot: " and a JSON object. Everything else that it prints is ignored.
namespace mastobak::mastodon {

struct BootFacts {
    std::uint64_t accounts = 0;   ///< Account.count
    std::string username{};       ///< of a local account; empty: there is none
    std::string key{};            ///< "good": its keys sign and verify; "none"; or what is wrong
    std::uint64_t decrypted = 0;  ///< encrypted values of users that could be read
    std::string undecrypted{};    ///< why one could not; empty: all could
    std::string media_path{};     ///< of a file below the media root; empty: there is none
    std::string media_url{};      ///< of the same
};

/// The script.
std::string_view boot_script();

/// Where the script's line begins, and the most that it has.
inline constexpr std::string_view boot_prefix = "mastobak-boot: ";
inline constexpr std::size_t longest_boot_line = 16 * 1024;

/// Reads such a line, which is hostile.
/// Throws Error{corrupt} for what is not as above.
BootFacts parse_boot_facts(std::string_view line);

}  // namespace mastobak::mastodon
