// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/row_digest.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "core/error.hpp"
#include "core/owned.hpp"

namespace mastobak {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr Wide modulus = (Wide{1} << 127) - 1;
/// The hash compresses a row in blocks of this many bytes.
constexpr std::size_t block_size = 1024;
/// The block size of AES. A block of a row consists of pairs of 64-bit words of this size.
constexpr std::size_t pair_size = 16;
constexpr std::size_t most_pairs = block_size / pair_size;
/// The number of rows whose hashes AES encrypts in one call.
constexpr std::size_t batch = 256;

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

/// Returns an equal number modulo 2¹²⁷ − 1, which is at most 2¹²⁷. Uses that 2¹²⁷ is equal to 1.
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
    const Wide high = 2 * (Wide{a1} * b1) + 2 * (middle >> 64);  // 2¹²⁸ is equal to 2
    return reduced(reduced(sum) + reduced(high));
}

Wide below_modulus(Wide value) {
    value = reduced(value);
    return value >= modulus ? value - modulus : value;
}

/// The two numbers to which a block is compressed: NH (of UMAC and VMAC) with the key words of the
/// block, and once more with the key words two places further on.
struct Compressed {
    Wide first = 0, second = 0;

    void add(const std::uint8_t* pair, const std::uint64_t* key) {
        std::array<std::uint64_t, 2> words{};
        std::memcpy(words.data(), pair, sizeof words);
        const auto low = little(words[0]), high = little(words[1]);
        first += Wide{low + key[0]} * (high + key[1]);
        second += Wide{low + key[2]} * (high + key[3]);
    }
};

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

RowDigest& RowDigest::operator-=(const RowDigest& other) {
    store(load(bytes.data()) - load(other.bytes.data()), bytes.data());
    return *this;
}

struct RowDigester::Impl {
    Wide point = 0;
    std::array<std::uint64_t, 2 * most_pairs + 2> words{};  ///< the key words of NH
    // The state of the row that is passed in parts:
    Wide value = 0;
    std::uint64_t size = 0;
    std::array<std::uint8_t, block_size> pending{};
    std::size_t pending_size = 0;

    std::array<std::uint8_t, batch * pair_size> values{}, encrypted{};
    std::size_t filled = 0;  ///< number of rows in the batch
    Wide sum = 0;
    Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> aes{EVP_CIPHER_CTX_new()};

    explicit Impl(const RowKey& key) : point(load(key.bytes.data()) & modulus) {
        must(aes &&
             EVP_EncryptInit_ex(aes.get(), EVP_aes_128_ecb(), nullptr, key.bytes.data() + pair_size,
                                nullptr) == 1 &&
             EVP_CIPHER_CTX_set_padding(aes.get(), 0) == 1);
        // These blocks never equal the value of a row, which is below the modulus.
        for (std::size_t i = 0; i < words.size(); i += 2) {
            std::array<std::uint8_t, pair_size> block{};
            store(Wide{1} << 127 | i / 2, block.data());
            encrypt(block, block);
            const auto made = load(block.data());
            words[i] = static_cast<std::uint64_t>(made);
            words[i + 1] = static_cast<std::uint64_t>(made >> 64);
        }
    }

    /// Returns the value of a row after one more block.
    /// \param count number of bytes, at least 1
    Wide with_block(Wide before, const std::uint8_t* bytes, std::size_t count) const {
        Compressed compressed;
        const auto* key = words.data();
        for (; count >= pair_size; count -= pair_size, bytes += pair_size, key += 2)
            compressed.add(bytes, key);
        if (count > 0) {
            std::array<std::uint8_t, pair_size> last{};
            std::memcpy(last.data(), bytes, count);
            compressed.add(last.data(), key);
        }
        const auto first = product(before + below_modulus(compressed.first), point);
        return product(first + below_modulus(compressed.second), point);
    }

    void end(Wide of_row, std::uint64_t row_size) {
        of_row = below_modulus(product(of_row + row_size, point));
        store(of_row, values.data() + filled * pair_size);
        if (++filled == batch) encrypt_batch();
    }

    void encrypt_batch() {
        const auto used = filled * pair_size;
        encrypt(std::span(values).first(used), encrypted);
        for (std::size_t at = 0; at < used; at += pair_size) sum += load(encrypted.data() + at);
        filled = 0;
    }

    void encrypt(std::span<const std::uint8_t> from, std::span<std::uint8_t> to) const {
        int written = 0;
        must(EVP_EncryptUpdate(aes.get(), to.data(), &written, from.data(),
                               static_cast<int>(from.size())) == 1);
    }
};

RowDigester::RowDigester(const RowKey& key) : impl_(std::make_unique<Impl>(key)) {}
RowDigester::~RowDigester() = default;

void RowDigester::add(std::string_view row) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(row.data());
    Wide value = 0;
    for (auto left = row.size(); left > 0;) {
        const auto size = std::min(left, block_size);
        value = impl_->with_block(value, at, size);
        at += size;
        left -= size;
    }
    impl_->end(value, row.size());
}

void RowDigester::part(std::string_view piece) {
    auto& state = *impl_;
    state.size += piece.size();
    while (!piece.empty()) {
        const auto size = std::min(piece.size(), block_size - state.pending_size);
        std::memcpy(state.pending.data() + state.pending_size, piece.data(), size);
        state.pending_size += size;
        piece.remove_prefix(size);
        if (state.pending_size < block_size) return;
        state.value = state.with_block(state.value, state.pending.data(), block_size);
        state.pending_size = 0;
    }
}

void RowDigester::end_row() {
    auto& state = *impl_;
    if (state.pending_size > 0)
        state.value = state.with_block(state.value, state.pending.data(), state.pending_size);
    state.end(state.value, state.size);
    discard_row();
}

void RowDigester::discard_row() {
    impl_->value = 0;
    impl_->size = 0;
    impl_->pending_size = 0;
}

RowDigest RowDigester::finish() {
    impl_->encrypt_batch();
    RowDigest digest;
    store(impl_->sum, digest.bytes.data());
    impl_->sum = 0;
    return digest;
}

}  // namespace mastobak
