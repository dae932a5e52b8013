// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/sha256.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <cerrno>
#include <vector>

#include "core/error.hpp"
#include "core/open.hpp"
#include "core/unique_fd.hpp"

namespace mastobak {
namespace {

void must(int ok) {
    if (ok != 1) throw Error(Errc::internal, "OpenSSL refuses to compute a SHA-256");
}

constexpr std::string_view hex_digits = "0123456789abcdef";

/// The value of each hexadecimal digit; 255 for all other bytes.
constexpr auto nibbles = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(255);
    for (std::uint8_t i = 0; i < 16; ++i) values[static_cast<std::uint8_t>(hex_digits[i])] = i;
    return values;
}();

unsigned nibble(char c) {
    return nibbles[static_cast<std::uint8_t>(c)];
}

}  // namespace

std::string to_hex(const Digest& digest) {
    std::string text;
    text.reserve(64);
    for (auto byte : digest.bytes) {
        text += hex_digits[byte >> 4];
        text += hex_digits[byte & 15];
    }
    return text;
}

std::optional<Digest> parse_digest(std::string_view hex) {
    if (hex.size() != 64) return std::nullopt;
    Digest digest;
    unsigned all = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        const auto high = nibble(hex[2 * i]);
        const auto low = nibble(hex[2 * i + 1]);
        all |= high | low;
        digest.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    if (all > 15) return std::nullopt;
    return digest;
}

struct Sha256::Impl {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~Impl() { EVP_MD_CTX_free(context); }
    void begin() { must(EVP_DigestInit_ex(context, EVP_sha256(), nullptr)); }
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
    impl_->begin();
}
Sha256::~Sha256() = default;
Sha256::Sha256(const Sha256& other) : impl_(std::make_unique<Impl>()) {
    *this = other;
}
Sha256& Sha256::operator=(const Sha256& other) {
    must(EVP_MD_CTX_copy_ex(impl_->context, other.impl_->context));
    return *this;
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> data) {
    must(EVP_DigestUpdate(impl_->context, data.data(), data.size()));
}

Digest Sha256::finish() {
    Digest digest;
    unsigned size = 0;
    must(EVP_DigestFinal_ex(impl_->context, digest.bytes.data(), &size));
    impl_->begin();
    return digest;
}

// SHA256_CTX and its functions are deprecated, but nothing else gives the state of a digest.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

struct ResumableSha256::Impl {
    SHA256_CTX context{};
};

ResumableSha256::ResumableSha256(const Sha256State& state) : impl_(std::make_unique<Impl>()) {
    auto& context = impl_->context;
    must(SHA256_Init(&context));
    if (state.bytes == 0) return;
    if (state.bytes % block != 0) must(0);
    for (std::size_t i = 0; i < state.chaining.bytes.size(); ++i)
        context.h[i / 4] = context.h[i / 4] << 8 | state.chaining.bytes[i];
    // OpenSSL counts bits, in two words.
    context.Nl = static_cast<SHA_LONG>(state.bytes << 3);
    context.Nh = static_cast<SHA_LONG>(state.bytes >> 29);
}
ResumableSha256::~ResumableSha256() = default;

void ResumableSha256::update(std::span<const std::byte> data) {
    must(SHA256_Update(&impl_->context, data.data(), data.size()));
}

std::optional<Sha256State> ResumableSha256::state() const {
    const auto& context = impl_->context;
    if (context.num != 0) return std::nullopt;
    Sha256State state;
    state.bytes = (std::uint64_t{context.Nh} << 32 | context.Nl) >> 3;
    for (std::size_t i = 0; i < state.chaining.bytes.size(); ++i)
        state.chaining.bytes[i] = static_cast<std::uint8_t>(context.h[i / 4] >> (24 - i % 4 * 8));
    return state;
}

Digest ResumableSha256::finish() {
    Digest digest;
    must(SHA256_Final(digest.bytes.data(), &impl_->context));
    return digest;
}

#pragma GCC diagnostic pop

Digest sha256_of_file(const std::filesystem::path& path, std::stop_token stop) {
    const auto fd = open_regular(path, Symlinks::follow, Errc::corrupt);
    Sha256 hash;
    std::vector<std::byte> block(256 * 1024);
    for (;;) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const auto n = ::read(fd.get(), block.data(), block.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw errno_error(Errc::corrupt, fmt::format("read '{}'", path.native()), errno);
        if (n == 0) return hash.finish();
        hash.update({block.data(), static_cast<std::size_t>(n)});
    }
}

}  // namespace mastobak
