// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What Mastodon itself finds in a restored database. A drill runs a program (`bin/rails runner -`)
/// and passes it a Ruby script on standard input. The program prints one line on standard output:
/// "mastobak-boot: " and a JSON object. All other output is ignored.
namespace mastobak::mastodon {

/// What the script has found.
struct BootFacts {
    std::uint64_t accounts = 0;  ///< Account.count
    std::string username{};      ///< name of a local account; empty if there is none
    /// "good" when the account's keys sign and verify; "none"; or the problem.
    std::string key{};
    std::uint64_t decrypted = 0;  ///< encrypted values of users that could be decrypted
    /// Why a value could not be decrypted; empty when all could.
    std::string undecrypted{};
    /// The path of a media file below the media root; empty if there is none.
    std::string media_path{};
    std::string media_url{};  ///< the URL of the same file
};

/// Returns the Ruby script.
std::string_view boot_script();

/// The beginning of the script's line, and the largest number of bytes after it.
inline constexpr std::string_view boot_prefix = "mastobak-boot: ";
inline constexpr std::size_t longest_boot_line = 16 * 1024;

/// Parses the line, which is hostile. Throws Error{corrupt} when it does not have this format.
BootFacts parse_boot_facts(std::string_view line);

}  // namespace mastobak::mastodon
