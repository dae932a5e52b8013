// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "postgres/connection.hpp"
#include "postgres/contents/contents.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {

struct DumpOptions {
    std::chrono::seconds lock_timeout{60};
    /// Without a byte from pg_dump; twice lock_timeout where that is more. It reads the catalogs in
    /// seconds and then copies rows, so nothing that makes progress is that silent: a server that hangs,
    /// a lock that lock_timeout does not know, or pg_dump itself.
    std::chrono::seconds longest_silence = std::chrono::minutes(10);
    int compression_level = 3;
    int compression_threads = 2;
    /// Told of each block how much pg_dump has written so far. What it throws ends the dump.
    std::function<void(Bytes)> on_bytes{};
};

/// Rows done of rows in all (estimated by reltuples), and bytes of pg_dump's output so far.
struct DumpProgress {
    double fraction = 0;  ///< 0 to 1
    Bytes bytes{};
    std::string table{};  ///< that is being copied
};

struct Dump {
    std::filesystem::path path{};
    Bytes size{};          ///< of the file
    Bytes uncompressed{};  ///< what pg_dump wrote
    Digest sha256{};       ///< of the file
    /// What is in it, with a new key; nothing where pg_dump wrote a format that is not known.
    std::optional<Contents> contents{};
};

/// Streams `pg_dump -Fc -Z0 --snapshot=…` through zstd into a new file, fsynced.
///
/// \param progress called now and then from a thread of its own, and once more with 1 at the end;
/// must not throw. May be empty.
/// Throws Error{database} when pg_dump fails, is silent for too long or writes nothing (a lock that
/// is held: who holds it), Error{staging} when the disk is full; the file is removed then.
Dump dump(const Settings& settings, const Tools& tools, const std::string& snapshot_id,
          const std::filesystem::path& file, const DumpOptions& options,
          const std::function<void(const DumpProgress&)>& progress, std::stop_token stop);

/// How much is dumped.
enum class DumpPart { definitions, all };

/// Has pg_dump read the schema of a database, and keeps nothing but its table of contents.
/// \param role that pg_dump takes on (SET ROLE); empty: none
/// \return nothing where pg_dump wrote a format that is not known
/// Throws Error{database}, Error{cancelled}.
std::optional<std::vector<TocEntry>> read_schema(const Settings& settings, const Tools& tools,
                                                 const std::string& role,
                                                 const DumpOptions& options, std::stop_token stop);

/// Has pg_dump read through a database as it would for dump(), and keeps nothing: what stops the
/// one stops the other, a lock that is held as well as a certificate that only we can read.
/// \param options its lock_timeout and longest_silence count
/// \return how much it has written
/// Throws Error{database}, Error{cancelled}.
Bytes try_dump(const Settings& settings, const Tools& tools, DumpPart part,
               const DumpOptions& options, std::stop_token stop);

}  // namespace mastobak::postgres
