// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "archive/tar.hpp"
#include "core/files/files.hpp"

namespace mastobak::archive {

/// Compresses bytes into a zstd stream with a checksum, and passes the stream to the sink. Throws
/// the exceptions of the sink, and Error{internal} when libzstd refuses.
class ZstdCompressor {
 public:
    /// \param level   compression level of zstd
    /// \param threads number of worker threads; 1: compresses in the caller's thread
    ZstdCompressor(Sink sink, int level, int threads = 1);
    ~ZstdCompressor();
    void write(std::span<const std::byte> data);
    /// Ends the frame, and passes all of its bytes to the sink. A later write() begins another
    /// frame of the same stream.
    void finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Decompresses a zstd stream of one or more frames. Throws Error{corrupt} when the stream is
/// damaged or truncated, and the exceptions of the source.
class ZstdDecompressor {
 public:
    explicit ZstdDecompressor(Source source);
    ~ZstdDecompressor();
    /// Returns the next bytes; empty at the end. The span is valid until the next call.
    std::span<const std::byte> read();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The bytes of a frame, or of what it contains.
using Block = std::vector<std::byte>;

/// Compresses blocks into single frames with a checksum, each with or without a reference. For one thread at a time.
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

/// Returns a source that reads the blocks of a file, for ZstdDecompressor and TarReader. Both this
/// function and the source throw Error{corrupt} when the file cannot be read.
Source file_source(const std::filesystem::path& file);

/// Writes a text into a new compressed file, and fsyncs it. Throws Error{staging}.
FileDigest write_text(const std::filesystem::path& file, std::string_view text);

/// Reads a compressed text.
/// \param most limit of its size, in bytes
/// Throws Error{corrupt} when the file cannot be read or has a larger text; Error{cancelled}.
std::string read_text(const std::filesystem::path& file, std::size_t most,
                      const std::stop_token& stop = {});

}  // namespace mastobak::archive
