// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "dumps/writers.hpp"
#include "postgres/contents/contents.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {

struct DumpOptions {
    std::chrono::seconds lock_timeout{60};
    /// How long pg_dump may write nothing until it is killed; at least twice lock_timeout is used.
    /// pg_dump reads the catalogs in seconds and then copies rows. If it writes nothing for this
    /// long, then the server hangs, pg_dump hangs, or it waits for a lock without a time-out.
    std::chrono::seconds longest_silence = std::chrono::minutes(10);
    /// The base, if the dump is stored as a difference.
    std::optional<dumps::BaseReference> base{};
    int compression_level = 3;  ///< of a dump that is stored whole
    int compression_threads = 2;
    /// Called after each block with the number of bytes that pg_dump has written so far. An
    /// exception ends the dump.
    std::function<void(Bytes)> on_bytes{};
};

/// The progress of a dump.
struct DumpProgress {
    double fraction = 0;  ///< 0 to 1: rows done of all rows, as estimated by reltuples
    Bytes bytes{};        ///< size of pg_dump's output so far
    std::string table{};  ///< the table being copied
};

struct Dump {
    /// The base, or the difference and its list.
    std::vector<dumps::WrittenFile> files{};
    Bytes uncompressed{};  ///< size of pg_dump's output
    /// The contents, with a new key; nullopt if pg_dump wrote an unknown format.
    std::optional<Contents> contents{};
};

/// Streams `pg_dump -Fc -Z0 --snapshot=…` into a new base or difference, and fsyncs its files.
///
/// \param file     the base, or the difference; its list is beside it
/// \param progress called every 300 ms from another thread, and once with fraction 1 at the end.
///                 Must not throw. May be empty.
/// Throws Error{database} when pg_dump fails, writes nothing for too long, or does not get a lock
/// (the message names the client that holds it); Error{staging} when the disk is full;
/// Error{corrupt} when the base is damaged; Error{cancelled}. No file is left after an error.
Dump dump(const Settings& settings, const Tools& tools, const std::string& snapshot_id,
          const std::filesystem::path& file, const DumpOptions& options,
          const std::function<void(const DumpProgress&)>& progress, std::stop_token stop);

/// Which part of the database try_dump() dumps.
enum class DumpPart { definitions, all };

/// Runs pg_dump --schema-only and reads the table of contents of its output, without storing it.
/// \param role pg_dump uses it with SET ROLE; empty: none
/// \return nullopt if pg_dump wrote an unknown format
/// Throws Error{database}, Error{cancelled}.
std::optional<std::vector<TocEntry>> read_schema(const Settings& settings, const Tools& tools,
                                                 const std::string& role,
                                                 const DumpOptions& options, std::stop_token stop);

/// Runs pg_dump as dump() does, and discards its output. It fails for the same reasons as dump()
/// would: for example, a lock that another client holds, or a certificate that the child process
/// cannot read.
/// \param options     only lock_timeout and longest_silence are used
/// \param snapshot_id a snapshot, which only the server that has exported it knows; empty: none
/// \return the size of pg_dump's output
/// Throws Error{database}, Error{cancelled}.
Bytes try_dump(const Settings& settings, const Tools& tools, DumpPart part,
               const DumpOptions& options, std::stop_token stop,
               const std::string& snapshot_id = {});

}  // namespace mastobak::postgres
