// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Anchors: samples of the lines of a dump, by which a similar part of another dump is found. A
/// line of a dump is a row of a table. Internal to dumps/.
namespace mastobak::dumps {

/// A sampled line: a hash of its first bytes, and its offset in the dump.
struct Anchor {
    std::uint32_t hash = 0;
    std::uint64_t offset = 0;

    bool operator==(const Anchor&) const = default;
};

/// Finds the lines of a block whose hash ends in `bits` zeros, which selects one line of 2^bits.
/// Lines whose first bytes are not all in the block are left out.
/// \param on_line called with the other bits of the hash, and the line's offset in the block
void sample_lines(std::span<const std::byte> block, unsigned bits,
                  const std::function<void(std::uint64_t, std::size_t)>& on_line);

/// Collects the anchors of a dump. When there are too many, it keeps each second one, so the memory
/// does not depend on the size of the dump.
class AnchorCollector {
 public:
    static constexpr std::size_t usual_most = std::size_t{1} << 18;

    /// \param most the largest number of anchors
    explicit AnchorCollector(std::size_t most = usual_most) : most_(most) {}

    /// \param offset offset of the block in the dump
    void feed(std::span<const std::byte> block, std::uint64_t offset);
    /// Returns the anchors as they are stored in a base.
    std::string finish();

 private:
    struct Line {
        std::uint64_t hash, offset;
    };
    std::size_t most_;
    unsigned bits_ = 6;
    std::vector<Line> lines_{};
};

/// The anchors of a base.
class AnchorIndex {
 public:
    AnchorIndex() = default;
    /// Reads what AnchorCollector::finish() returned. Other text is an empty index: without
    /// anchors, a difference is larger, but correct.
    explicit AnchorIndex(std::string_view stored);

    /// Returns the offset in the base at which most of a block's lines are: the offset for the
    /// block's first byte, which may be negative.
    /// \param block  a part of the new dump
    /// \return nullopt when no line of the block is known
    std::optional<std::int64_t> find(std::span<const std::byte> block) const;

 private:
    std::optional<std::uint64_t> offset_of(std::uint32_t hash) const;

    unsigned bits_ = 0;
    std::vector<Anchor> anchors_{};  ///< in the order of their hashes
};

}  // namespace mastobak::dumps
