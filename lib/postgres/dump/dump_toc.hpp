// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
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

/// Writes the offset of each table's rows into the table of contents of a dump. pg_dump does so
/// itself when it writes to a file, but cannot do so when it writes to a pipe, as in dump().
/// Without the offsets, each job of pg_restore scans the whole file for its tables, and pg_restore
/// does not know which tables are large and should be loaded first.
///
/// \param dump an uncompressed dump in the custom format. It is changed in place, after all of it
///             was read; an interruption leaves a valid dump
/// \return the number of offsets written. 0: the dump has them already, is read-only, is damaged or
///         has an unknown format. pg_restore works without offsets, and reports a damaged dump
///         itself
/// Throws Error{environment} when writing fails, Error{cancelled}.
/// Source: PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c (WriteHead, WriteToc) and
/// pg_backup_custom.c (_WriteExtraToc, _StartData, _StartLOs), versions 1.14 (PostgreSQL 12) to
/// 1.16 (17, 18).
std::size_t add_data_offsets(const std::filesystem::path& dump, const std::stop_token& stop);

}  // namespace mastobak::postgres
