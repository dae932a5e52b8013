// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "archive/tar.hpp"

namespace mastobak::archive {

/// A zstd stream with a checksum; what goes in comes out of the sink, compressed.
class ZstdCompressor {
 public:
    /// \param threads 1: in the caller's thread
    ZstdCompressor(Sink sink, int level, int threads = 1);
    ~ZstdCompressor();
    void write(std::span<const std::byte> data);
    /// Ends the frame: until then the sink may not have had all of it. What is written after it
    /// begins another frame of the same stream.
    void finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The reverse, as a source, of one frame or several. Throws Error{corrupt} for damage and for a
/// stream that is cut.
class ZstdDecompressor {
 public:
    explicit ZstdDecompressor(Source source);
    ~ZstdDecompressor();
    /// Empty at the end. Valid until the next call.
    std::span<const std::byte> read();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Blocks of a file, for the decompressor and TarReader. Throws Error{corrupt} when it cannot be
/// read.
Source file_source(const std::filesystem::path& file);

}  // namespace mastobak::archive
