// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "media/index/index.hpp"

namespace mastobak::media {

/// A part of an index that can be read without the other parts: a zstd frame of whole lines.
struct IndexPart {
    Bytes offset;  ///< offset in the index file
    Bytes size;
    Digest sha256;      ///< digest of these bytes
    std::string first;  ///< path of its first entry; empty in an index without entries

    bool operator==(const IndexPart&) const = default;
};

/// Writes an index, entry by entry in order, compressed; a thread of its own compresses.
class IndexWriter {
 public:
    /// \param file must not exist yet
    /// Throws Error{staging} when it cannot be created.
    explicit IndexWriter(const std::filesystem::path& file);
    ~IndexWriter();
    /// Throws Error{internal} for an entry out of order, Error{staging} when this entry or an
    /// earlier one cannot be written.
    void add(const Entry& entry);
    /// Adds an entry of another index, whose line is copied.
    /// \param line the line in that index: IndexReader::line()
    void add(const Entry& entry, std::string_view line);

    struct Result {
        Bytes size;
        Digest sha256;
        std::uint64_t entries = 0;
        std::uint64_t files = 0;
        Bytes file_bytes;  ///< sum of the sizes
        /// Entries whose mtime is outside of the range of Timestamp, so that the index has another
        /// one (see time_of_file()).
        std::uint64_t changed_times = 0;
        std::uint64_t long_paths = 0;  ///< entries with a path longer than longest_path
        std::uint64_t long_names = 0;  ///< entries whose own name is longer than longest_name
        std::vector<IndexPart> parts;
    };
    /// Completes the file. It is not fsynced, because most indexes are read once and removed; a
    /// caller that keeps the index has to fsync it. No other call may follow. Throws
    /// Error{staging}.
    Result finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::media
