// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The table of frames at the end of a zstd stream, and skippable frames for data that zstd(1)
/// ignores. Internal to dumps/.
/// Source: zstd's contrib/seekable_format/zstd_seekable_compression_format.md, version 0.1.0;
/// RFC 8878, 3.1.2 (skippable frames)
namespace mastobak::dumps {

/// The sizes of a frame, in bytes.
struct FrameSizes {
    std::uint32_t compressed = 0;
    std::uint32_t uncompressed = 0;  ///< 0 for a skippable frame

    bool operator==(const FrameSizes&) const = default;
};

/// The bytes before the contents of a skippable frame.
inline constexpr std::size_t skippable_head = 8;
/// The bytes at the end of a file with a seek table, which give the size of the table.
inline constexpr std::size_t seek_table_foot = 9;

/// Returns a skippable frame with these contents, which have to be smaller than 4 GiB.
std::string skippable_frame(std::string_view contents);
/// Returns the contents of a skippable frame. Throws Error{corrupt}.
std::string_view skippable_contents(std::string_view frame);

/// Returns the frame of the table, which has to be the last one of the file.
std::string to_seek_table(const std::vector<FrameSizes>& frames);
/// Returns the size of the table's frame from the last bytes of a file. Throws Error{corrupt}.
std::size_t seek_table_size(std::string_view foot);
/// Parses the table's frame. Throws Error{corrupt}.
std::vector<FrameSizes> parse_seek_table(std::string_view frame);

}  // namespace mastobak::dumps
