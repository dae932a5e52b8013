// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "media/index/index.hpp"
#include "media/index/index_writer.hpp"

/// The lines of an index and of the list of its parts, as lib/store/FORMAT.md specifies them.
/// Without their line breaks.
namespace mastobak::media {

/// What the first line says; readers refuse any other version.
inline constexpr std::string_view index_header = "mastobak-media-index\t1";
inline constexpr std::string_view index_parts_header = "mastobak-media-index-parts\t1";

/// What the last line says, so that a cut index is noticed.
struct IndexTotals {
    std::uint64_t entries = 0;
    std::uint64_t files = 0;
    std::uint64_t file_bytes = 0;
    bool operator==(const IndexTotals&) const = default;

    void count(const Entry& entry) {
        ++entries;
        if (entry.type != EntryType::file) return;
        ++files;
        file_bytes += entry.size;
    }
};

/// Appends an entry's line.
void append_line(std::string& out, const Entry& entry);
std::string end_line(const IndexTotals& totals);
bool is_end_line(std::string_view line);

/// \param entry anything: its memory serves again
/// Throws Error{corrupt} that says what is wrong with the line, for a caller that says where.
void parse_line(std::string_view line, Entry& entry);
IndexTotals parse_end_line(std::string_view line);

/// The line of a part in their list.
std::string part_line(const IndexPart& part);
/// Throws as parse_line does.
IndexPart parse_part_line(std::string_view line);

}  // namespace mastobak::media
