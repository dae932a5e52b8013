// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "dumps/read_dump.hpp"

/// The table of contents of a dump. Internal to postgres/.
namespace mastobak::postgres {

/// One entry: an object, the rows of a table, a comment, … The fields are untrusted data of the
/// set.
struct TocEntry {
    enum class Section { none = 1, pre_data, data, post_data };

    std::int64_t id = 0;
    std::string name{};        ///< "accounts", "f(integer)", "POLICY p ON accounts"
    std::string kind{};        ///< "TABLE", "TABLE DATA", "FUNCTION", "COMMENT", …
    std::string schema{};      ///< "public"; empty: none
    std::string definition{};  ///< SQL
    std::string copy{};        ///< for "TABLE DATA": "COPY public.accounts (id, …) FROM stdin;\n"
    std::string tablespace{};
    std::string owner{};  ///< role
    Section section = Section::none;
    std::vector<std::int64_t> dependencies{};  ///< ids

    /// Returns "FUNCTION public.f(integer)", for messages.
    std::string to_string() const;
};

class DumpReader;
/// Reads the next entry. Throws Unusable.
TocEntry read_toc_entry(DumpReader& reader);

/// Reads the table of contents of an uncompressed dump in the custom format.
/// Throws Error{corrupt} when the file is not such a dump or is truncated; Error{environment} for a
/// format that is newer than this program.
std::vector<TocEntry> read_toc(const std::filesystem::path& dump);

/// Reads the table of contents of a stored dump, of which it decompresses only the beginning.
/// Throws as read_toc() does, and Error{cancelled}.
std::vector<TocEntry> read_compressed_toc(const dumps::StoredDump& file,
                                          const std::stop_token& stop);

}  // namespace mastobak::postgres
