// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>

/// Not for other folders.
namespace mastobak::postgres {

/// Writes into a dump's table of contents where the rows of each table begin, as pg_dump itself
/// does when it writes to a file. Ours was streamed, and without that each job of pg_restore looks
/// through the whole file, row by row, and none knows which tables are the large ones that should
/// come first.
///
/// \param dump in the custom format, not compressed from outside; written to in place, and all at
/// the end: what interrupts it leaves a file that is not worse
/// \return how many places were written. 0: they are there already, it may not be written to, or it
/// is of a format that this does not know; pg_restore finds its way without, and tells what is
/// wrong with a damaged one. Throws Error{environment} when writing fails, Error{cancelled}.
/// Source: PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c (WriteHead, WriteToc) and
/// pg_backup_custom.c (_WriteExtraToc, _StartData, _StartLOs), versions 1.14 (PostgreSQL 12) to
/// 1.16 (17, 18).
std::size_t add_data_offsets(const std::filesystem::path& dump, const std::stop_token& stop);

}  // namespace mastobak::postgres
