// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mastobak {

/// A number of bytes. It is a type of its own, so that a size cannot be mixed up with a count or a
/// time.
struct Bytes {
    std::uint64_t count = 0;

    auto operator<=>(const Bytes&) const = default;
    Bytes& operator+=(Bytes other) {
        count += other.count;
        return *this;
    }
    friend Bytes operator+(Bytes a, Bytes b) { return {a.count + b.count}; }
};

/// Returns a size for people to read, in binary units with one decimal: "17 B", "1.2 GiB".
std::string to_string(Bytes bytes);

/// Parses a size: "17", "512 MiB", "1.5G", "10 GB". Binary units are K, M, G, T and P, with or
/// without "iB"; decimal units are kB (or KB), MB, GB, TB and PB. Without a unit, or with "B", it
/// is bytes. The result is rounded to whole bytes.
/// \return nullopt for any other text, for a negative number and for sizes from 2⁶³ bytes on
std::optional<Bytes> parse_bytes(std::string_view text);

}  // namespace mastobak
