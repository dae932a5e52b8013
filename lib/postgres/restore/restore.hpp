// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/check/comparison.hpp"
#include "postgres/connection.hpp"
#include "postgres/contents/contents.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {

/// The facts about the dumped database that the manifest of its set records.
struct DumpedDatabase {
    std::string server_version{};   ///< "15.8"
    std::string pg_dump_version{};  ///< "15.8 (Debian …)"
    std::string owner{};            ///< role
    std::string mastodon_role{};    ///< role that Mastodon uses; empty: not known, so the owner
    std::string encoding{};
    std::string collation{};        ///< LC_COLLATE
    std::string ctype{};            ///< LC_CTYPE; empty: the same
    std::string locale_provider{};  ///< "icu", "builtin"; empty: the C library
    std::string locale{};           ///< the provider's name of the locale
    std::string schema_version{};
    /// ALTER DATABASE, ALTER ROLE … SET; the search path is used while functions are called.
    std::vector<std::string> settings{};
    RowCounts rows{};
    std::optional<Contents> contents{};  ///< nullopt for sets of an older mastobak
};

struct RestoreOptions {
    /// An uncompressed dump in the custom format. It has to be a regular file, as the jobs of
    /// pg_restore seek in it. If it is writable, the positions of the tables are written into it.
    std::filesystem::path dump{};
    std::string database{};  ///< the target
    std::string owner{};     ///< role; empty: the role that the manifest names
    /// Renames an existing target that is not empty. Otherwise such a target is an error.
    bool replace = false;
    /// Puts the database in place only if it equals the dumped one. If false, differences are only
    /// in the result, and the caller checks the database (check_database).
    bool compare = true;
    /// Changes the new database, as the role that restores, after the rows were compared and before
    /// the database is put in place. An exception ends the restore. May be empty.
    std::function<void(Connection&)> adapt{};
    /// How to log in as the owner. nullopt: the restore creates a role for itself and removes it.
    std::optional<Settings> login{};
    /// Called with a connection to the new database, of the role in `settings`, before any SQL of
    /// the dump has run there. May be empty.
    std::function<void(Connection&)> prepare{};
    /// Restores the privileges of other roles, where these roles exist.
    bool grants = true;
    unsigned jobs = 2;                      ///< number of connections; at least two are used
    std::filesystem::path bin_directory{};  ///< directory of pg_restore; empty: Debian's directory
    std::optional<Tools> tools{};           ///< nullopt: those of this host
};

/// Progress of one step: "load" (entries of the dump), "check" (tables), "foreign keys" (entries).
struct RestoreProgress {
    std::string step{};
    std::size_t done = 0;
    std::size_t of = 0;
    std::string item{};  ///< "INDEX index_accounts_on_uri"
};
/// Called by one thread at a time. Must not throw.
using OnRestoreProgress = std::function<void(const RestoreProgress&)>;

struct RestoredDatabase {
    std::string name{};
    std::string renamed{};  ///< new name of the replaced database; empty: there was none
    std::size_t tables = 0;
    std::int64_t rows = 0;
    std::string owner{};      ///< role
    Comparison comparison{};  ///< comparison with the dumped database
    std::vector<std::string> warnings{};
    /// Objects that were not created, because the owner may not create them, a role is missing, or
    /// a function that they call fails.
    /// An admin can read and run their statements.
    std::vector<LeftOut> left_out{};
    std::set<std::string> tables_left_out{};  ///< the tables among them: "public.x"
    std::vector<std::string> settings{};      ///< ALTER DATABASE … SET of the dumped database
};

/// Checks everything that can be checked before the set is fetched or a unit is stopped. It creates
/// an empty database, logs in to it in the same way as the restore will, and drops it again.
/// \param options `dump` is not used
/// Throws Error{database}: the server is too old, the target exists and is neither empty nor to be
/// replaced, or no role that may restore can log in; Error{environment}: there is no suitable
/// pg_restore, or the locale is missing; Error{cancelled}.
void check_before_restore(const Settings& settings, const DumpedDatabase& dumped,
                          const RestoreOptions& options, std::stop_token stop);

/// Restores a dump into a new database, and puts it in place only if it equals the dumped one:
/// every table has its rows, every sequence has its value, every object exists, and the schema has
/// the recorded version. Until then, existing databases are not changed. After a failure or a stop
/// request, the new database is dropped.
///
/// No SQL of the dump runs as a superuser, or as a role that may do more than the owner. Objects
/// that the owner may not create (event triggers, foreign servers, functions in C, …) are left out
/// and listed. Known extensions are created by their names. All data is in the default tablespace.
/// At the end each object belongs to the owner, or to its former owner if that is a role without
/// special rights.
///
/// Where the role may not create databases but owns an empty target, the restore fills that target.
/// After a failure, the target is emptied again.
///
/// \param settings how to connect, as a role that may create databases (usually a superuser), to a
///                 maintenance database that is not the target ("postgres")
/// \param progress may be empty
/// Throws Error{database}: the server is too old, a role is missing, the target is in use;
/// Error{environment}: there is no suitable pg_restore, a locale or an extension is missing;
/// Error{corrupt}: the dump cannot be read, or the database differs from the dumped one;
/// Error{cancelled}. If only the last renaming fails, because another session has connected to the
/// target meanwhile, the complete new database is kept, and the error text has its name.
RestoredDatabase restore_database(const Settings& settings, const DumpedDatabase& dumped,
                                  const RestoreOptions& options, const OnRestoreProgress& progress,
                                  std::stop_token stop);

/// Returns the role that shall own a restored database: the former owner, or Mastodon's role if the
/// former owner was 'postgres' or is a superuser. If that role does not exist and the role of the
/// connection may not create it, returns the role of the connection.
/// Throws Error{database}, Error{cancelled}.
std::string owner_to_be(const Settings& settings, const DumpedDatabase& dumped,
                        std::stop_token stop);

/// Drops the unfinished databases that killed restores into this target have left, and the
/// temporary roles of killed restores. Running restores hold a lock, so theirs are not dropped.
/// A database or role that cannot be dropped is not an error.
/// \param settings as for restore_database
/// Throws Error{database}, Error{cancelled}.
void drop_abandoned(const Settings& settings, const std::string& target, std::stop_token stop);

/// Returns 15 for "15.8 (Debian …)"; 0 if the text does not begin with a number.
int major_of(const std::string& version);

}  // namespace mastobak::postgres
