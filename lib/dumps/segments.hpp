// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"

namespace mastobak::dumps {

/// Bytes of a dump that are compressed as one frame, at most.
inline constexpr std::size_t segment_size = std::size_t{4} << 20;
/// Limit for the frames and ranges of a base or difference that is read.
inline constexpr std::size_t largest_frame = std::size_t{16} << 20;
/// The largest list of segments that is read; enough for a dump of a terabyte.
inline constexpr Bytes largest_list{std::uint64_t{32} << 20};

/// A part of a dump, and where it is in a difference. All numbers are bytes.
struct Segment {
    std::uint64_t offset = 0;        ///< in the dump
    std::uint64_t length = 0;        ///< in the dump
    std::uint64_t base_offset = 0;   ///< in the uncompressed base; 0 without a reference
    std::uint64_t base_length = 0;   ///< length of the reference; 0: the frame stands by itself
    std::uint64_t frame_offset = 0;  ///< in the file of the difference
    std::uint64_t frame_size = 0;    ///< in the file of the difference

    bool operator==(const Segment&) const = default;
};

/// The list of a difference: what it is a difference from, and its segments.
struct SegmentList {
    std::string base;      ///< name of the base
    Digest base_sha256{};  ///< digest of the base's file
    Bytes base_uncompressed{};
    Bytes uncompressed{};  ///< size of the dump
    Digest sha256{};       ///< digest of the dump
    std::vector<Segment> segments{};

    bool operator==(const SegmentList&) const = default;
};

/// Returns the text of a list. lib/store/FORMAT.md specifies it.
std::string to_text(const SegmentList& list);

/// Parses a list, which may be hostile. The segments have to follow each other without gaps, in the
/// dump and in the file, and each range has to be within the base.
/// \param size  size of the file of the difference
/// \param where name of the list, used in messages
/// Throws Error{corrupt}.
SegmentList parse_segments(std::string_view text, Bytes size, const std::string& where);

}  // namespace mastobak::dumps
