// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/signify.hpp"
#include "store/staging.hpp"

/// The origin of a set: each host signs SHA256SUMS of its sets, which covers all other files. The
/// key is in the state directory, where the daemon's user may write, so that a host signs its sets
/// without any command after an upgrade.
namespace mastobak::store {

/// The name of the signature file in a set.
constexpr std::string_view signature_name = "SHA256SUMS.sig";

/// The keys of a host.
struct Keys {
    /// Empty when there is no key yet, or when this process may not read it.
    std::optional<signify::SecretKey> own{};
    std::vector<signify::PublicKey> trusted{};  ///< own public key, and those that an admin added
};

/// Returns the path of `signing.key`.
std::filesystem::path secret_key_file(const std::filesystem::path& state_directory);
/// Returns the path of `signing.pub`.
std::filesystem::path public_key_file(const std::filesystem::path& state_directory);

/// Reads `signing.key`, `signing.pub` and `trusted/*.pub` of the state directory. Ignores files
/// that are missing or may not be read. Throws Error{config} for a file that is not a key.
Keys read_keys(const std::filesystem::path& state_directory);

/// Reads the keys, and makes a pair of keys if there is none. The sets that are in staging when the
/// pair is made come from an older version of mastobak on this host: they are signed as well, if
/// their manifest is what their SHA256SUMS says.
/// Throws as read_keys does, and Error{staging}.
Keys make_keys(const std::filesystem::path& state_directory, const Staging& staging);

/// Returns the public key as one line of text; empty when there is none, or when this process may
/// not read it. Never throws.
std::string public_key_line(const std::filesystem::path& state_directory);

/// Returns why the origin of a set is not trusted; empty when one of the keys has signed it.
/// \param sums      contents of SHA256SUMS
/// \param signature contents of SHA256SUMS.sig; empty when there is no such file
std::string why_foreign(std::string_view sums, std::string_view signature,
                        const std::vector<signify::PublicKey>& keys);

/// Checks a set in a staging directory, whose manifest also has to be what SHA256SUMS says and has
/// to name the set. Returns a problem of the files as text and does not throw for it.
std::string why_foreign(const Staging& staging, const std::string& set,
                        const std::vector<signify::PublicKey>& keys);

}  // namespace mastobak::store
