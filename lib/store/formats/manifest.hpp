// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"

namespace mastobak::store {

/// The largest size of a manifest and of SHA256SUMS; checked before one is fetched or read.
inline constexpr Bytes largest_manifest{std::uint64_t{16} << 20};

/// The largest length of a note, in bytes.
inline constexpr std::size_t longest_note = 200;

/// A file of a set, with its size and digest as published.
struct Artifact {
    std::string name;  ///< "database.dump.zst"
    Bytes size;
    Digest sha256;
};

/// A pack that the set needs, made by this run or an earlier one.
struct PackReference {
    std::string name;  ///< "20261122T030000Z-0001.tar", in media/
    Bytes size;
    Digest sha256;
    std::uint64_t entries = 0;  ///< number of entries of this set's index
    Bytes live;                 ///< bytes of the members that these entries name
};

/// The base of a set's dump. Without a difference in the set, it is the dump itself.
struct BaseReference {
    std::string name;  ///< "20261122T030000Z-base.dump.zst", in database/
    Bytes size;
    Digest sha256;
    Bytes uncompressed;  ///< size of the dump that it contains
};

/// A stopped unit, and how long it was down.
struct UnitRecord {
    std::string name;
    std::chrono::nanoseconds down{0};
};

/// A part of the downtime: "stop", "snapshot", "media", "start", "health".
struct DowntimePart {
    std::string name;
    std::chrono::nanoseconds took{0};
};

/// A file column of Mastodon's tables, and how many of its files are in the set.
struct ReconciledColumn {
    std::string column;         ///< "media_attachments.file"
    std::uint64_t rows = 0;     ///< rows that name a file
    std::uint64_t files = 0;    ///< files that were looked up: originals and their further styles
    std::uint64_t missing = 0;  ///< files that did not exist at the instant
    std::uint64_t unclear = 0;  ///< missing files that may have existed at the instant
    std::uint64_t unreadable = 0;  ///< files that exist, but that the disk cannot read
    std::uint64_t other_size = 0;  ///< files of the set with another size than in the row
};

/// The comparison of the database with the media.
struct Reconciliation {
    bool done = false;  ///< false where the media are elsewhere
    std::vector<ReconciledColumn> columns;
    std::vector<std::string> notes;  ///< what could not be compared, and why
};

/// manifest.json: the contents of a set, and how it was made. lib/store/FORMAT.md specifies the
/// format.
struct Manifest {
    static constexpr int current_version = 3;

    std::string set;   ///< "20261122T030000Z"
    std::string host;  ///< the host that made it
    std::string mastobak_version;
    Timestamp started_at;
    Timestamp finished_at;
    Timestamp instant;        ///< time of the database's snapshot
    std::string mode;         ///< "offline", "live", "quiesce"
    bool consistent = false;  ///< whether database and media are of the same instant
    std::string note{};       ///< text of the person who started the run; empty: none
    std::vector<std::string> warnings;

    std::vector<UnitRecord> units;
    /// From the first stop call until the last unit was active and, with a health URL, answered.
    std::chrono::nanoseconds downtime{0};
    std::vector<DowntimePart> downtime_parts;  ///< in order
    std::chrono::nanoseconds freeze{0};  ///< from the last unit's stop to the first start call
    std::chrono::nanoseconds quiet{0};   ///< before that: how long sidekiq was quiet

    struct {
        std::string name;
        std::string owner;                  ///< role; empty if unknown
        std::string mastodon_role;          ///< the role that Mastodon uses; empty if unknown
        std::vector<std::string> roles;     ///< own something, or are named in privileges
        std::vector<std::string> settings;  ///< statements: ALTER DATABASE, ALTER ROLE … SET
        std::string server_version;         ///< "15.8"
        /// ID of the image of the server's container: 64 hexadecimal digits; empty: it had none.
        std::string image{};
        std::string schema_version;
        std::string encoding;
        std::string collation;        ///< LC_COLLATE, "en_US.UTF-8"
        std::string ctype;            ///< LC_CTYPE; empty: the same as collation
        std::string locale_provider;  ///< "icu", "builtin"; empty: the C library
        std::string locale;           ///< locale of that provider, "en-US"
        std::string pg_dump_version;
        Bytes size;  ///< pg_database_size
        Bytes dump_uncompressed;
        /// nullopt in sets of older versions, whose dump is the artifact `whole_dump`.
        std::optional<BaseReference> base;
        std::map<std::string, std::int64_t> rows;
        std::vector<std::string> extensions;  ///< "pg_trgm 1.6"; not plpgsql
        /// Names of the tablespaces, except the default one, that the database uses.
        std::vector<std::string> tablespaces;
    } database;

    struct {
        bool elsewhere = false;  ///< not in this set, by configuration
        std::string root;
        std::string scope;  ///< "local", "all"
        std::vector<std::string> excluded;
        Bytes excluded_bytes;
        /// Symlinks that the set replaces by a directory: path below the root, and the symlink's
        /// target.
        std::vector<std::pair<std::string, std::string>> followed_links;
        std::uint64_t files = 0;
        Bytes bytes;
        std::uint64_t new_files = 0;
        Bytes new_bytes;
        std::uint64_t vanished = 0;
        std::vector<PackReference> packs;
        /// An older index, or the index itself if the set does not have `index_changes`. nullopt: the
        /// index is the artifact `whole_index`.
        std::optional<Artifact> index_base;
    } media;

    Reconciliation reconciliation;

    std::vector<std::string> config_files;  ///< members of config.tar.zst
    /// All files of the set except this one, SHA256SUMS and SHA256SUMS.sig.
    std::vector<Artifact> artifacts;
};

/// The artifact with the files of Mastodon's configuration.
inline constexpr auto configuration_archive = "config.tar.zst";

/// The artifacts of a dump: the dump of an older version; a difference, and the list of its
/// segments.
inline constexpr auto whole_dump = "database.dump.zst", dump_difference = "database.difference",
                      difference_list = "database.difference.list";

/// The artifacts of an index: an index that no other set shares; the changes of the index since its
/// base; the list of the parts of the index, or of the base.
inline constexpr auto whole_index = "media.index.zst", index_changes = "media.index.changes.zst",
                      index_parts = "media.index.parts.zst";

/// Returns the text of manifest.json.
std::string to_json(const Manifest& manifest);
/// Parses a manifest. A manifest from a backup may be hostile, so all names are checked (no '/', no
/// "..").
/// \param where name of the file, used in messages
/// Throws Error{corrupt} for a text that is not a manifest, and for a version that is newer than
/// this program.
Manifest parse_manifest(const std::string& json, const std::string& where);

}  // namespace mastobak::store
