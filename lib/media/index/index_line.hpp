// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "media/index/index.hpp"
#include "media/index/index_writer.hpp"

/// The lines of an index, of its changes and of the list of its parts, as lib/store/FORMAT.md specifies them.
/// Without their line breaks.
namespace mastobak::media {

/// The first line; readers refuse any other version.
inline constexpr std::string_view index_header = "mastobak-media-index\t1";
inline constexpr std::string_view index_changes_header = "mastobak-media-index-changes\t1";
inline constexpr std::string_view index_parts_header = "mastobak-media-index-parts\t1";

/// The totals in the last line; a truncated index is detected because it lacks this line.
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

/// Appends the line of an entry.
void append_line(std::string& out, const Entry& entry);
std::string end_line(const IndexTotals& totals);
bool is_end_line(std::string_view line);

/// Parses the line of an entry.
/// \param entry replaced by the result; an old entry may be passed, to reuse its memory
/// Throws Error{corrupt} that says what is wrong with the line; the caller adds its position.
void parse_line(std::string_view line, Entry& entry);
IndexTotals parse_end_line(std::string_view line);

/// Appends the line with which changes remove a path.
void append_removal(std::string& out, const std::string& path);
bool is_removal(std::string_view line);
/// Parses such a line; only the path of the entry is replaced. Throws the same errors as parse_line.
void parse_removal(std::string_view line, Entry& entry);

/// Returns the line of a part in the list of parts.
std::string part_line(const IndexPart& part);
/// Throws the same errors as parse_line.
IndexPart parse_part_line(std::string_view line);

}  // namespace mastobak::media
