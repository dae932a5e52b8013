// SPDX-License-Identifier: GPL-3.0-or-later
#include "random.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>

namespace mastobak::instance {

Random::Random(std::uint64_t seed) {
    // splitmix64 makes independent states from neighbouring seeds (item 1, item 2, …).
    for (auto& word : state_) {
        seed += 0x9e3779b97f4a7c15U;
        std::uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        word = z ^ (z >> 31);
    }
}

std::uint64_t Random::next() {
    auto& s = state_;
    const std::uint64_t result = std::rotl(s[0] + s[3], 23) + s[0];
    const std::uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = std::rotl(s[3], 45);
    return result;
}

double Random::uniform() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

double Random::normal() {
    // The Box-Muller transform; 1 - uniform() is never 0.
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::string Random::hex16() {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(16, '0');
    std::uint64_t value = next();
    for (auto& c : text) {
        c = digits[value & 15];
        value >>= 4;
    }
    return text;
}

void Random::fill(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
        const std::uint64_t word = next();
        const std::size_t part = std::min(sizeof word, bytes.size());
        std::memcpy(bytes.data(), &word, part);
        bytes = bytes.subspan(part);
    }
}

}  // namespace mastobak::instance
