// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>

/// Internal to postgres/.
namespace mastobak::postgres {

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
