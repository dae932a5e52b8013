// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/sha256.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <vector>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/files/unique_fd.hpp"
#include "core/owned.hpp"

namespace mastobak {
namespace {

void must(int ok) {
    if (ok != 1) throw Error(Errc::internal, "OpenSSL refuses to compute a SHA-256");
}

}  // namespace

struct Sha256::Impl {
    Owned<EVP_MD_CTX, EVP_MD_CTX_free> context{EVP_MD_CTX_new()};
    void begin() { must(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr)); }
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
    impl_->begin();
}
Sha256::~Sha256() = default;
Sha256& Sha256::operator=(const Sha256& other) {
    must(EVP_MD_CTX_copy_ex(impl_->context.get(), other.impl_->context.get()));
    return *this;
}

void Sha256::update(std::span<const std::byte> data) {
    must(EVP_DigestUpdate(impl_->context.get(), data.data(), data.size()));
}

Digest Sha256::finish() {
    Digest digest;
    unsigned size = 0;
    must(EVP_DigestFinal_ex(impl_->context.get(), digest.bytes.data(), &size));
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
        const auto n = read_block(fd.get(), block, path, Errc::corrupt);
        if (n == 0) return hash.finish();
        hash.update({block.data(), n});
    }
}

Digest sha256_of(std::string_view text) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(text)));
    return hash.finish();
}

}  // namespace mastobak
