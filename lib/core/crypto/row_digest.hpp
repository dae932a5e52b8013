// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace mastobak {

/// The key of the row digests of one set. It is secret until the set is published, so that a user
/// of Mastodon cannot write rows whose digest equals the digest of other rows.
struct RowKey {
    std::array<std::uint8_t, 32> bytes{};
    bool operator==(const RowKey&) const = default;
};

/// Returns a random key. Throws Error{environment} when there are no random bytes.
RowKey make_row_key();

/// The digest of a multiset of rows: it does not depend on their order, but on how often each row
/// occurs. Only digests with the same key can be compared.
struct RowDigest {
    std::array<std::uint8_t, 16> bytes{};
    bool operator==(const RowDigest&) const = default;
    /// Adds the rows of the other digest.
    RowDigest& operator+=(const RowDigest& other);
    /// Removes the rows of the other digest: undoes +=.
    RowDigest& operator-=(const RowDigest& other);
};

/// Computes a RowDigest, at several gigabytes per second. The hash of a row is a universal hash
/// with the key (NH and a polynomial modulo 2¹²⁷ − 1), encrypted by AES-128. The digest is the sum
/// of these hashes modulo 2¹²⁸. lib/store/FORMAT.md specifies it and gives the reasons.
///
/// For one thread. All functions throw Error{internal} when OpenSSL refuses.
/// Source: Krovetz, "Message Authentication on 64-Bit Architectures" (VMAC), 2006; Clarke et al.,
/// "Incremental Multiset Hash Functions", 2003
class RowDigester {
 public:
    explicit RowDigester(const RowKey& key);
    ~RowDigester();
    RowDigester(const RowDigester&) = delete;
    RowDigester& operator=(const RowDigester&) = delete;

    /// Adds a whole row. Must not be called between part() and end_row().
    void add(std::string_view row);
    /// Adds a piece of a row, which may have any size. end_row() adds the row.
    void part(std::string_view piece);
    void end_row();
    /// Discards the pieces since the last end_row().
    void discard_row();
    /// Returns the digest of the rows since the last call of finish(). Must not be called between
    /// part() and end_row().
    RowDigest finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak
