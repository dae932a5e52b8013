// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/signify.hpp"
#include "store/staging.hpp"

/// Who made a set: each host signs SHA256SUMS of its sets, which covers all that is in one. The key
/// lives in the state directory, which the daemon's user may write: a host that is upgraded signs
/// from its next run on, without a command.
namespace mastobak::store {

/// The signature's file in a set.
constexpr std::string_view signature_name = "SHA256SUMS.sig";

/// The keys that a host goes by.
struct Keys {
    std::optional<signify::SecretKey> own{};  ///< nothing: there is none yet, or we may not read it
    std::vector<signify::PublicKey> trusted{};  ///< its own public half, and what an admin added
};

std::filesystem::path secret_key_file(const std::filesystem::path& state_directory);
std::filesystem::path public_key_file(const std::filesystem::path& state_directory);

/// Reads `signing.key`, `signing.pub` and `trusted/*.pub` of the state directory. What is not there
/// or may not be read is left out. Throws Error{config} for a file that is not a key.
Keys read_keys(const std::filesystem::path& state_directory);

/// The same, and makes the pair of keys where there is none. Sets that are in staging in that
/// moment were made here by an older version: they are signed as well, once, when their manifest
/// is what their SHA256SUMS says.
/// Throws as read_keys does, and Error{staging}.
Keys make_keys(const std::filesystem::path& state_directory, const Staging& staging);

/// The public half as a person writes it down; empty where there is none, or it is not for us to
/// read. Never throws.
std::string public_key_line(const std::filesystem::path& state_directory);

/// Why a set counts for nothing: it was signed by none of the keys. Empty: one of them signed it.
/// \param sums, signature contents of its files; an empty signature: there is none
std::string why_foreign(std::string_view sums, std::string_view signature,
                        const std::vector<signify::PublicKey>& keys);

/// The same of a set in a staging directory, whose manifest has to be what SHA256SUMS says and of
/// the set of that name. Never throws for what is there.
std::string why_foreign(const Staging& staging, const std::string& set,
                        const std::vector<signify::PublicKey>& keys);

}  // namespace mastobak::store
