// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mastobak {

/// A secret of one set, until that is published: its digests of rows are made with it, so that
/// people who write rows before the backup cannot choose two collections of the same digest.
struct RowKey {
    std::array<std::uint8_t, 32> bytes{};
    bool operator==(const RowKey&) const = default;
};

/// A key of random bytes. Throws Error{environment}.
RowKey make_row_key();

/// A digest of rows in any order, each as often as it is there.
struct RowDigest {
    std::array<std::uint8_t, 16> bytes{};
    bool operator==(const RowDigest&) const = default;
    /// Adds the rows of the other digest.
    RowDigest& operator+=(const RowDigest& other);
    /// Removes the rows of the other digest: undoes +=.
    RowDigest& operator-=(const RowDigest& other);
};

/// Lower-case hexadecimal digits: 64 of a key, 32 of a digest.
std::string to_hex(const RowKey& key);
std::string to_hex(const RowDigest& digest);
std::optional<RowKey> parse_row_key(std::string_view hex);
std::optional<RowDigest> parse_row_digest(std::string_view hex);

/// Computes such a digest, at several gigabytes a second: a universal hash of each row with a
/// secret key (NH, and a polynomial modulo 2¹²⁷ − 1), encrypted by AES-128; the sum of those modulo
/// 2¹²⁸ is the digest. lib/store/FORMAT.md has it exactly, and why.
/// Source: Krovetz, "Message Authentication on 64-Bit Architectures" (VMAC), 2006; Clarke et al.,
/// "Incremental Multiset Hash Functions", 2003
class RowDigester {
 public:
    explicit RowDigester(const RowKey& key);
    ~RowDigester();
    RowDigester(const RowDigester&) = delete;
    RowDigester& operator=(const RowDigester&) = delete;

    /// A row that is there as a whole. Not between part() and end_row().
    void add(std::string_view row);
    /// A piece of a row, however long that is.
    void part(std::string_view piece);
    void end_row();
    /// Discards the pieces since the last row.
    void discard_row();
    /// The digest of all rows so far; the next row begins a new one.
    RowDigest finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak
