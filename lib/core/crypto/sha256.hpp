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
#include <string>
#include <string_view>

namespace mastobak {

/// A SHA-256 digest.
struct Digest {
    std::array<std::uint8_t, 32> bytes{};
    bool operator==(const Digest&) const = default;
};

/// 64 lower-case hexadecimal digits, as sha256sum(1) prints them.
std::string to_hex(const Digest& digest);
std::optional<Digest> parse_digest(std::string_view hex);

/// A running SHA-256 (OpenSSL's, which uses the processor's own instructions). A copy continues from
/// the same data.
class Sha256 {
 public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&);
    Sha256& operator=(const Sha256&);
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(std::span<const std::byte> data);
    /// The digest of all data so far; the next update begins a new one.
    Digest finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The digest of a whole file, read in blocks.
/// Throws Error{corrupt} when it cannot be read, Error{cancelled} when asked to stop.
Digest sha256_of_file(const std::filesystem::path& path, std::stop_token stop = {});

}  // namespace mastobak
