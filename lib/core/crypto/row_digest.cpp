// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/row_digest.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "core/error.hpp"

namespace mastobak {
namespace {

__extension__ using Wide = unsigned __int128;

/// Bytes of a row that make a coefficient, with a bit above them: fewer than the modulus has.
constexpr std::size_t piece_size = 15;
constexpr Wide modulus = (Wide{1} << 127) - 1;
/// Rows that AES encrypts at once.
constexpr std::size_t batch = 256;
constexpr std::size_t block_size = 16;

void must(bool ok) {
    if (!ok) throw Error(Errc::internal, "OpenSSL refuses to compute digests of rows");
}

std::uint64_t little(std::uint64_t value) {
    if constexpr (std::endian::native == std::endian::big) return __builtin_bswap64(value);
    return value;
}

Wide load(const std::uint8_t* bytes) {
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), bytes, sizeof words);
    return Wide{little(words[1])} << 64 | little(words[0]);
}

void store(Wide value, std::uint8_t* bytes) {
    const std::array<std::uint64_t, 2> words{little(static_cast<std::uint64_t>(value)),
                                             little(static_cast<std::uint64_t>(value >> 64))};
    std::memcpy(bytes, words.data(), sizeof words);
}

/// At most 2¹²⁷ for any number: 2¹²⁷ is 1.
Wide reduced(Wide value) {
    return (value & modulus) + (value >> 127);
}

/// \param a any number
/// \param b at most the modulus
/// \return at most 2¹²⁷
Wide product(Wide a, Wide b) {
    a = reduced(a);
    const auto a0 = static_cast<std::uint64_t>(a), a1 = static_cast<std::uint64_t>(a >> 64);
    const auto b0 = static_cast<std::uint64_t>(b), b1 = static_cast<std::uint64_t>(b >> 64);
    const Wide low = Wide{a0} * b0, middle = Wide{a0} * b1 + Wide{a1} * b0;
    const Wide sum = reduced(low) + (middle << 64 & modulus) + (middle >> 63 & 1);
    const Wide high = 2 * (Wide{a1} * b1) + 2 * (middle >> 64);  // 2¹²⁸ is 2
    return reduced(reduced(sum) + reduced(high));
}

/// The next whole piece of a row of which at least 16 bytes are left.
Wide whole_piece(const std::uint8_t* bytes) {
    return (load(bytes) & ((Wide{1} << 120) - 1)) | Wide{1} << 120;
}

/// \param size of the piece, 1 to 15
Wide piece_of(const std::uint8_t* bytes, std::size_t size) {
    std::array<std::uint8_t, block_size> block{};
    std::memcpy(block.data(), bytes, size);
    block.at(size) = 1;
    return load(block.data());
}

std::string hex_of(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

bool parse_hex(std::string_view text, std::span<std::uint8_t> bytes) {
    const auto value = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (text.size() != 2 * bytes.size()) return false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = value(text[2 * i]), low = value(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
}

}  // namespace

RowKey make_row_key() {
    RowKey key;
    if (RAND_bytes(key.bytes.data(), key.bytes.size()) != 1)
        throw Error(Errc::environment, "there are no random bytes for the digests of rows");
    return key;
}

RowDigest& RowDigest::operator+=(const RowDigest& other) {
    store(load(bytes.data()) + load(other.bytes.data()), bytes.data());
    return *this;
}

std::string to_hex(const RowKey& key) {
    return hex_of(key.bytes);
}
std::string to_hex(const RowDigest& digest) {
    return hex_of(digest.bytes);
}
std::optional<RowKey> parse_row_key(std::string_view hex) {
    RowKey key;
    return parse_hex(hex, key.bytes) ? std::optional(key) : std::nullopt;
}
std::optional<RowDigest> parse_row_digest(std::string_view hex) {
    RowDigest digest;
    return parse_hex(hex, digest.bytes) ? std::optional(digest) : std::nullopt;
}

struct RowDigester::Impl {
    Wide point = 0, square = 0;
    Wide value = 0;  ///< of the row that comes in parts
    std::array<std::uint8_t, block_size> pending{};
    std::size_t pending_size = 0;
    std::array<std::uint8_t, batch * block_size> values{}, encrypted{};
    std::size_t filled = 0;  ///< rows of the batch
    Wide sum = 0;
    EVP_CIPHER_CTX* aes = EVP_CIPHER_CTX_new();

    explicit Impl(const RowKey& key) {
        point = load(key.bytes.data()) & modulus;
        square = reduced(product(point, point));
        if (square > modulus) square -= modulus;
        must(aes != nullptr &&
             EVP_EncryptInit_ex(aes, EVP_aes_128_ecb(), nullptr, key.bytes.data() + block_size,
                                nullptr) == 1 &&
             EVP_CIPHER_CTX_set_padding(aes, 0) == 1);
    }
    ~Impl() { EVP_CIPHER_CTX_free(aes); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void end(Wide of_row) {
        of_row = reduced(of_row);
        if (of_row >= modulus) of_row -= modulus;
        store(of_row, values.data() + filled * block_size);
        if (++filled == batch) encrypt();
    }

    void encrypt() {
        int size = 0;
        must(EVP_EncryptUpdate(aes, encrypted.data(), &size, values.data(),
                               static_cast<int>(filled * block_size)) == 1);
        for (std::size_t i = 0; i < filled; ++i) sum += load(encrypted.data() + i * block_size);
        filled = 0;
    }
};

RowDigester::RowDigester(const RowKey& key) : impl_(std::make_unique<Impl>(key)) {}
RowDigester::~RowDigester() = default;

void RowDigester::add(std::string_view row) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(row.data());
    auto left = row.size();
    const Wide point = impl_->point;
    Wide value = 0;
    if (left > 2 * piece_size) {
        // Two halves that do not wait for each other: of every other piece, in the point's square.
        const Wide square = impl_->square;
        Wide odd = 0, even = 0;
        do {
            odd = product(odd + whole_piece(at), square);
            even = product(even, square) + whole_piece(at + piece_size);
            at += 2 * piece_size;
            left -= 2 * piece_size;
        } while (left > 2 * piece_size);
        value = reduced(odd + product(even, point));
    }
    while (left > 0) {
        const auto size = std::min(left, piece_size);
        value = product(value + piece_of(at, size), point);
        at += size;
        left -= size;
    }
    impl_->end(value);
}

void RowDigester::part(std::string_view piece) {
    auto& state = *impl_;
    while (!piece.empty()) {
        const auto size = std::min(piece.size(), piece_size - state.pending_size);
        std::memcpy(state.pending.data() + state.pending_size, piece.data(), size);
        state.pending_size += size;
        piece.remove_prefix(size);
        if (state.pending_size < piece_size) return;
        state.value =
            product(state.value + piece_of(state.pending.data(), piece_size), state.point);
        state.pending_size = 0;
    }
}

void RowDigester::end_row() {
    auto& state = *impl_;
    if (state.pending_size > 0)
        state.value =
            product(state.value + piece_of(state.pending.data(), state.pending_size), state.point);
    state.end(state.value);
    state.value = 0;
    state.pending_size = 0;
}

RowDigest RowDigester::finish() {
    impl_->encrypt();
    RowDigest digest;
    store(impl_->sum, digest.bytes.data());
    impl_->sum = 0;
    return digest;
}

}  // namespace mastobak
