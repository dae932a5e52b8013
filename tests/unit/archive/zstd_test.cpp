// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/zstd.hpp"

#include <stdexcept>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

std::string compress(const std::string& data, int threads = 1) {
    std::string out;
    archive::ZstdCompressor zstd(sink_into(out), 3, threads);
    zstd.write(bytes(data));
    zstd.finish();
    return out;
}

std::string decompress(const std::string& data) {
    archive::ZstdDecompressor zstd(source_of(data));
    std::string out;
    for (auto block = zstd.read(); !block.empty(); block = zstd.read()) out += text(block);
    return out;
}

std::string some_text(std::size_t lines) {
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) text += std::to_string(i * 7919) + " toots\n";
    return text;
}

}  // namespace

TEST_CASE("what was compressed comes back") {
    const auto threads = GENERATE(1, 2);
    const auto lines = GENERATE(0u, 1u, 200'000u);
    const auto data = some_text(lines);
    const auto compressed = compress(data, threads);
    if (lines > 1) CHECK(compressed.size() < data.size() / 2);
    CHECK(decompress(compressed) == data);
}

TEST_CASE("a zstd stream that is cut anywhere is an error") {
    const auto compressed = compress(some_text(1000));
    for (std::size_t size = 0; size < compressed.size(); size += 37)
        REQUIRE_THROWS_AS(decompress(compressed.substr(0, size)), Error);
    REQUIRE_THROWS_AS(decompress(compressed.substr(0, compressed.size() - 1)), Error);
}

TEST_CASE("a flipped bit in a zstd stream is an error") {
    auto compressed = compress(some_text(1000));
    compressed[compressed.size() / 2] ^= 4;
    REQUIRE_THROWS_AS(decompress(compressed), Error);
}

TEST_CASE("text that is no zstd stream is an error") {
    REQUIRE_THROWS_AS(decompress("once upon a time"), Error);
}

TEST_CASE("what the sink throws comes out of the compressor") {
    archive::ZstdCompressor zstd([](auto) { throw std::runtime_error("no"); }, 1);
    REQUIRE_THROWS_AS(zstd.finish(), std::runtime_error);
}
