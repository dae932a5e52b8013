// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <string>
#include <vector>

#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;

namespace {

std::vector<std::byte> some_bytes(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
    return bytes;
}

Digest digest_of_bytes(std::span<const std::byte> bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

}  // namespace

TEST_CASE("a digest that another object continues is the digest of all bytes") {
    const auto bytes = some_bytes(1000);
    for (std::size_t size = 0; size <= bytes.size(); size += 37) {
        const auto all = std::span(bytes).first(size);
        for (std::size_t at = 0; at <= size; at += ResumableSha256::block) {
            ResumableSha256 first;
            first.update(all.first(at));
            const auto state = first.state();
            REQUIRE(state);
            CHECK(state->bytes == at);
            ResumableSha256 second(*state);
            CHECK(second.state() == state);
            second.update(all.subspan(at));
            CHECK(second.finish() == digest_of_bytes(all));
        }
    }
}

TEST_CASE("there is a state only after whole blocks") {
    ResumableSha256 hash;
    CHECK(hash.state());
    hash.update(some_bytes(63));
    CHECK_FALSE(hash.state());
    hash.update(some_bytes(1));
    CHECK(hash.state());
    CHECK_THROWS_AS(ResumableSha256({{}, 65}), Error);
}

TEST_CASE("a digest is continued after more bits than a word counts") {
    const auto block = some_bytes(std::size_t{8} << 20);
    Sha256 whole;
    ResumableSha256 first;
    for (int i = 0; i < 65; ++i) {
        whole.update(block);
        first.update(block);
    }
    const auto state = first.state();
    REQUIRE(state);
    CHECK(state->bytes == 65 * block.size());
    ResumableSha256 second(*state);
    whole.update(block);
    second.update(block);
    CHECK(second.finish() == whole.finish());
}
