// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/sha256.hpp"

namespace mastobak::store {

/// A line of SHA256SUMS: a file of the set, or a pack as "../../media/NAME".
struct Sum {
    std::string name;
    Digest sha256;

    bool operator==(const Sum&) const = default;
};

/// How SHA256SUMS names a pack.
std::string pack_path(std::string_view pack);

/// The text that `sha256sum --check` reads; the names need no escaping.
std::string to_sha256sums(const std::vector<Sum>& sums);

/// Throws Error{corrupt} for a line that to_sha256sums does not write.
std::vector<Sum> parse_sha256sums(std::string_view text, const std::string& where);

}  // namespace mastobak::store
