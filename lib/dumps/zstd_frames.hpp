// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// Single zstd frames, each with a checksum, with or without a reference. Internal to dumps/.
namespace mastobak::dumps {

using Block = std::vector<std::byte>;

/// Compresses blocks into frames. For one thread at a time.
class FrameCompressor {
 public:
    /// Throws Error{internal}.
    explicit FrameCompressor(int level);
    ~FrameCompressor();
    /// Replaces the contents of `frame` by the compressed block.
    /// \param reference bytes that the reader has to know, too; empty: none
    /// Throws Error{internal}.
    void compress(std::span<const std::byte> block, std::span<const std::byte> reference,
                  Block& frame);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Decompresses single frames. For one thread at a time.
class FrameDecompressor {
 public:
    /// Throws Error{internal}.
    FrameDecompressor();
    ~FrameDecompressor();
    /// Replaces the contents of `block` by the `size` bytes of the frame.
    /// \param reference the same bytes as for the compressor
    /// Throws Error{corrupt} when the frame is damaged or has another size.
    void decompress(std::span<const std::byte> frame, std::span<const std::byte> reference,
                    std::size_t size, Block& block);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::dumps
