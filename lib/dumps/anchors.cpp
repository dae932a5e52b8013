// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumps/anchors.hpp"

#include <algorithm>
#include <boost/endian/arithmetic.hpp>
#include <cstring>
#include <utility>

namespace mastobak::dumps {
namespace {

constexpr std::size_t hashed = 32;  ///< bytes of a line that are hashed
constexpr unsigned most_bits = 32;
/// Lines of a segment that are further apart in the base do not belong to one place.
constexpr std::uint64_t widest_place = std::uint64_t{5} << 20;

/// The stored form of the anchors: the number of bits, and all anchors.
using StoredBits = boost::endian::little_uint32_t;
struct StoredAnchor {
    boost::endian::little_uint32_t hash;
    boost::endian::little_uint64_t offset;
};
static_assert(sizeof(StoredAnchor) == 12);

template <typename T>
void append(std::string& stored, const T& value) {
    stored.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Takes a value from the beginning of the text.
template <typename T>
T take(std::string_view& stored) {
    T value;
    std::memcpy(&value, stored.data(), sizeof value);
    stored.remove_prefix(sizeof value);
    return value;
}

std::uint64_t mix(std::uint64_t value) {
    // The finalizer of MurmurHash3.
    value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdULL;
    value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return value ^ (value >> 33);
}

std::uint64_t hash_of(const std::byte* line) {
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < hashed; i += 8) {
        std::uint64_t word;
        std::memcpy(&word, line + i, sizeof word);
        hash = mix(hash + word);
    }
    return hash;
}

}  // namespace

void sample_lines(std::span<const std::byte> block, unsigned bits,
                  const std::function<void(std::uint64_t, std::size_t)>& on_line) {
    const auto mask = (std::uint64_t{1} << bits) - 1;
    std::size_t at = 0;
    while (block.size() - at > hashed) {
        const auto* found = static_cast<const std::byte*>(
            std::memchr(block.data() + at, '\n', block.size() - at - hashed));
        if (found == nullptr) return;
        at = static_cast<std::size_t>(found - block.data()) + 1;
        const auto hash = hash_of(block.data() + at);
        if ((hash & mask) == 0) on_line(hash, at);
    }
}

void AnchorCollector::feed(std::span<const std::byte> block, std::uint64_t offset) {
    sample_lines(block, bits_, [&](std::uint64_t hash, std::size_t at) {
        lines_.push_back({hash, offset + at});
    });
    while (lines_.size() > most_) {
        const auto mask = (std::uint64_t{1} << ++bits_) - 1;
        std::erase_if(lines_, [mask](const Line& line) { return (line.hash & mask) != 0; });
    }
}

std::string AnchorCollector::finish() {
    std::sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
        return std::pair(a.hash >> 32, a.offset) < std::pair(b.hash >> 32, b.offset);
    });
    std::string stored;
    append(stored, StoredBits(bits_));
    for (const auto& line : lines_)
        append(stored, StoredAnchor{static_cast<std::uint32_t>(line.hash >> 32), line.offset});
    return stored;
}

AnchorIndex::AnchorIndex(std::string_view stored) {
    if (stored.size() % sizeof(StoredAnchor) != sizeof(StoredBits)) return;
    bits_ = std::min<std::uint32_t>(take<StoredBits>(stored), most_bits);
    anchors_.reserve(stored.size() / sizeof(StoredAnchor));
    while (!stored.empty()) {
        const auto anchor = take<StoredAnchor>(stored);
        anchors_.push_back({anchor.hash, anchor.offset});
    }
    std::ranges::sort(anchors_, {}, &Anchor::hash);
}

// A line that occurs more than once does not say where a block was.
std::optional<std::uint64_t> AnchorIndex::offset_of(std::uint32_t hash) const {
    const auto found = std::ranges::lower_bound(anchors_, hash, {}, &Anchor::hash);
    if (found == anchors_.end() || found->hash != hash) return std::nullopt;
    if (found + 1 != anchors_.end() && found[1].hash == hash) return std::nullopt;
    return found->offset;
}

std::optional<std::int64_t> AnchorIndex::find(std::span<const std::byte> block) const {
    if (anchors_.empty()) return std::nullopt;
    struct Hit {
        std::uint64_t in_base;
        std::int64_t shift;  ///< of the base's offset against the block's
    };
    std::vector<Hit> hits;
    sample_lines(block, bits_, [&](std::uint64_t hash, std::size_t at) {
        if (const auto offset = offset_of(static_cast<std::uint32_t>(hash >> 32)))
            hits.push_back({*offset, static_cast<std::int64_t>(*offset - at)});
    });
    if (hits.empty()) return std::nullopt;
    std::ranges::sort(hits, {}, &Hit::in_base);
    std::size_t first = 0, count = 0;
    for (std::size_t begin = 0, end = 0; end < hits.size(); ++end) {
        while (hits[end].in_base - hits[begin].in_base > widest_place) ++begin;
        if (end + 1 - begin > count) {
            first = begin;
            count = end + 1 - begin;
        }
    }
    const auto begin = hits.begin() + static_cast<std::ptrdiff_t>(first);
    const auto middle = begin + static_cast<std::ptrdiff_t>(count / 2);
    std::nth_element(begin, middle, begin + static_cast<std::ptrdiff_t>(count),
                     [](const Hit& a, const Hit& b) { return a.shift < b.shift; });
    return middle->shift;
}

}  // namespace mastobak::dumps
