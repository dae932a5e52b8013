// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"

namespace mastobak::store {

/// A line of SHA256SUMS: a file of the set, or a shared file as "../../media/PACK" or
/// "../../database/BASE".
struct Sum {
    std::string name;
    Digest sha256;

    bool operator==(const Sum&) const = default;
};

/// The largest SHA256SUMS that is read. mastobak does not write a larger one.
inline constexpr Bytes largest_sums{std::uint64_t{16} << 20};

/// Returns the name of a pack or base in SHA256SUMS.
std::string path_in_sums(std::string_view shared);
/// Reverses path_in_sums(). Returns nullopt for the name of another file.
std::optional<std::string> shared_in_sums(std::string_view name);

/// Returns the text that `sha256sum --check` reads. The names need no escaping.
std::string to_sha256sums(const std::vector<Sum>& sums);

/// Parses SHA256SUMS. Throws Error{corrupt} for a line that to_sha256sums does not write.
/// \param where name of the file, used in messages
std::vector<Sum> parse_sha256sums(std::string_view text, const std::string& where);

}  // namespace mastobak::store
