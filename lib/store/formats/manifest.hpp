// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"

namespace mastobak::store {

/// No manifest is larger, and no SHA256SUMS: asked for before one is fetched or read.
inline constexpr Bytes largest_manifest{std::uint64_t{16} << 20};

/// A file of a set: size and digest as published.
struct Artifact {
    std::string name;  ///< "database.dump.zst"
    Bytes size;
    Digest sha256;
};

/// A pack that the set needs, made that night or earlier.
struct PackReference {
    std::string name;  ///< "20261122T030000Z-0001.tar", in media/
    Bytes size;
    Digest sha256;
    std::uint64_t entries = 0;  ///< of this set's index
    Bytes live;                 ///< the members that they name; the rest of the pack is dead for it
};

struct UnitRecord {
    std::string name;
    std::chrono::nanoseconds down{0};
};

/// "stop", "snapshot", "media", "start", "health": a part of the downtime.
struct DowntimePart {
    std::string name;
    std::chrono::nanoseconds took{0};
};

/// A file column of Mastodon's tables, and what became of the files that its rows name.
struct ReconciledColumn {
    std::string column;            ///< "media_attachments.file"
    std::uint64_t rows = 0;        ///< that name a file
    std::uint64_t files = 0;       ///< that were looked up: originals and their further styles
    std::uint64_t missing = 0;     ///< were not there at the instant
    std::uint64_t unclear = 0;     ///< are gone, but perhaps were there at the instant
    std::uint64_t unreadable = 0;  ///< are there, but the disk does not give them
    std::uint64_t other_size = 0;  ///< are in the set, with another size than the row says
};

/// The comparison of the database with the media.
struct Reconciliation {
    bool done = false;  ///< not where the media is elsewhere
    std::vector<ReconciledColumn> columns;
    std::vector<std::string> notes;  ///< what could not be compared, and why
};

/// manifest.json: what is in a set and how it came about. lib/store/FORMAT.md has the format.
struct Manifest {
    static constexpr int current_version = 1;

    std::string set;   ///< "20261122T030000Z"
    std::string host;  ///< that made it
    std::string mastobak_version;
    Timestamp started_at;
    Timestamp finished_at;
    Timestamp instant;        ///< of the database's snapshot
    std::string mode;         ///< "offline", "live", "quiesce"
    bool consistent = false;  ///< database and media are of one instant
    std::vector<std::string> warnings;

    std::vector<UnitRecord> units;
    /// First stop call until the last unit was active, and answered where a health URL is given.
    std::chrono::nanoseconds downtime{0};
    std::vector<DowntimePart> downtime_parts;  ///< what it went to, in order
    std::chrono::nanoseconds freeze{0};        ///< last unit stopped until the first start call
    std::chrono::nanoseconds quiet{0};         ///< before that: sidekiq took no new jobs

    struct {
        std::string name;
        std::string owner;                  ///< role; empty if unknown
        std::string mastodon_role;          ///< that Mastodon uses; empty if unknown
        std::vector<std::string> roles;     ///< that own something or are named in privileges
        std::vector<std::string> settings;  ///< statements: ALTER DATABASE, ALTER ROLE … SET
        std::string server_version;         ///< "15.8"
        std::string schema_version;
        std::string encoding;
        std::string collation;        ///< LC_COLLATE, "en_US.UTF-8"
        std::string ctype;            ///< LC_CTYPE; empty: the same
        std::string locale_provider;  ///< "icu", "builtin"; empty: the C library, by these two
        std::string locale;           ///< of that provider, "en-US"
        std::string pg_dump_version;
        Bytes size;  ///< pg_database_size
        Bytes dump_uncompressed;
        std::map<std::string, std::int64_t> rows;
        std::vector<std::string> extensions;   ///< "pg_trgm 1.6"; not plpgsql
        std::vector<std::string> tablespaces;  ///< that something in it is in, but the default one
    } database;

    struct {
        bool elsewhere = false;  ///< not in this set, by configuration
        std::string root;
        std::string scope;  ///< "local", "all"
        std::vector<std::string> excluded;
        Bytes excluded_bytes;
        /// Symlinks in whose place the set has a directory: path below the root, and where it led.
        std::vector<std::pair<std::string, std::string>> followed_links;
        std::uint64_t files = 0;
        Bytes bytes;
        std::uint64_t new_files = 0;
        Bytes new_bytes;
        std::uint64_t vanished = 0;
        std::vector<PackReference> packs;
    } media;

    Reconciliation reconciliation;

    std::vector<std::string> config_files;  ///< members of config.tar.zst
    std::vector<Artifact> artifacts;        ///< all files of the set but this and SHA256SUMS
};

std::string to_json(const Manifest& manifest);
/// Throws Error{corrupt} for what is not a manifest, and for a newer version than this program
/// knows.
/// Input from backups is hostile: names are checked (no '/', no "..").
Manifest parse_manifest(const std::string& json, const std::string& where);

}  // namespace mastobak::store
