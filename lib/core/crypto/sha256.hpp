// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>

#include "core/crypto/encoding.hpp"

namespace mastobak {

/// A SHA-256 digest.
struct Digest {
    std::array<std::uint8_t, 32> bytes{};
    bool operator==(const Digest&) const = default;
};

/// Reads 64 lower-case hexadecimal digits, as sha256sum(1) prints them. Returns nullopt for any other
/// text.
inline std::optional<Digest> parse_digest(std::string_view hex) {
    return parse_hex<Digest>(hex);
}

/// Computes a SHA-256 by OpenSSL, which uses the processor's instructions for it. After an
/// assignment it continues after the same data. Throws Error{internal} when OpenSSL refuses.
class Sha256 {
 public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&);

    void update(std::span<const std::byte> data);
    /// Returns the digest of the data since the last call of finish().
    Digest finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The state of a SHA-256 after whole blocks of 64 bytes.
struct Sha256State {
    Digest chaining;          ///< the eight words, each with its highest byte first
    std::uint64_t bytes = 0;  ///< bytes hashed so far; 0: `chaining` is not used
    bool operator==(const Sha256State&) const = default;
};

/// Computes a SHA-256 that another process can continue. Uses OpenSSL's older functions, because
/// EVP cannot export its state. Throws Error{internal} when OpenSSL refuses.
class ResumableSha256 {
 public:
    static constexpr std::uint64_t block = 64;  ///< bytes in a block
    /// \param state `bytes` has to be a multiple of `block`
    explicit ResumableSha256(const Sha256State& state = {});
    ~ResumableSha256();
    ResumableSha256(const ResumableSha256&) = delete;
    ResumableSha256& operator=(const ResumableSha256&) = delete;

    void update(std::span<const std::byte> data);
    /// Returns the state; nullopt when the data so far ends within a block.
    std::optional<Sha256State> state() const;
    /// Returns the digest of all data. No other function may be called afterwards.
    Digest finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Returns the digest of a text.
Digest sha256_of(std::string_view text);

/// Returns the digest of a whole file, which is read in blocks.
/// Throws Error{corrupt} when it cannot be read, Error{cancelled} after a stop request.
Digest sha256_of_file(const std::filesystem::path& path, std::stop_token stop = {});

}  // namespace mastobak
