// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "archive/zstd.hpp"
#include "core/bytes.hpp"
#include "core/files/unique_fd.hpp"
#include "dumps/anchors.hpp"

namespace mastobak::dumps {

/// A base, of which ranges are read. Keeps the last few frames in memory. For one thread at a time.
class BaseFile {
 public:
    /// Opens a base, and reads its table of frames. The file may be hostile.
    /// Throws Error{corrupt} when it cannot be read, or is not a base.
    explicit BaseFile(std::filesystem::path path);

    /// Returns the size of the dump that the base contains.
    Bytes uncompressed() const { return uncompressed_; }
    /// Reads the anchors. Throws Error{corrupt} when they cannot be read.
    AnchorIndex anchors();
    /// Replaces the contents of `range` by the bytes of the dump from `offset`.
    /// \param length offset + length is at most uncompressed()
    /// Throws Error{corrupt} when a frame is damaged.
    void read(std::uint64_t offset, std::size_t length, archive::Block& range);

 private:
    struct Frame {
        std::uint64_t at = 0;            ///< offset in the file
        std::uint64_t offset = 0;        ///< offset in the dump
        std::uint32_t size = 0;          ///< in the file
        std::uint32_t uncompressed = 0;  ///< in the dump
    };
    /// A frame in memory.
    struct Cached {
        const Frame* frame = nullptr;
        std::uint64_t used = 0;  ///< number of the last use
        archive::Block bytes{};
    };

    void read_at(std::uint64_t offset, std::size_t size, void* into) const;
    const archive::Block& frame(const Frame& wanted);

    const std::filesystem::path path_;
    UniqueFd fd_;
    std::vector<Frame> frames_{};
    Frame anchors_{};
    Bytes uncompressed_{};
    archive::FrameDecompressor decompressor_;
    /// Ranges that follow one another share at most two frames.
    std::array<Cached, 2> cache_{};
    std::uint64_t uses_ = 0;
};

}  // namespace mastobak::dumps
