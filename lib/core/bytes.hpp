// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mastobak {

/// A number of bytes, so that no size is ever taken for a count or a time.
struct Bytes {
    std::uint64_t count = 0;

    auto operator<=>(const Bytes&) const = default;
    Bytes& operator+=(Bytes other) {
        count += other.count;
        return *this;
    }
    friend Bytes operator+(Bytes a, Bytes b) { return {a.count + b.count}; }
};

/// "17 B", "1.2 GiB": binary units, at most one decimal.
std::string to_string(Bytes bytes);

/// Reads "17", "512 MiB", "1.5G", "10 GB" (binary units: K, M, G, T with or without "iB"; decimal
/// ones: kB, MB, GB, TB).
/// \return nothing if it is not a size
std::optional<Bytes> parse_bytes(std::string_view text);

}  // namespace mastobak
