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

#include "postgres/connection.hpp"
#include "postgres/contents/contents.hpp"
#include "postgres/restore/comparison.hpp"
#include "postgres/restore/left_out.hpp"
#include "postgres/snapshot.hpp"

namespace mastobak::postgres {

/// What was dumped, as the manifest of its set has it.
struct DumpedDatabase {
    std::string server_version{};   ///< "15.8"
    std::string pg_dump_version{};  ///< "15.8 (Debian …)"
    std::string owner{};            ///< role
    std::string mastodon_role{};    ///< that Mastodon uses; empty: not known, the owner
    std::string encoding{};
    std::string collation{};        ///< LC_COLLATE
    std::string ctype{};            ///< LC_CTYPE; empty: the same
    std::string locale_provider{};  ///< "icu", "builtin"; empty: the C library
    std::string locale{};           ///< of that provider
    std::string schema_version{};
    RowCounts rows{};
    std::optional<Contents> contents{};  ///< nothing in sets that were made before
};

struct RestoreOptions {
    /// In the custom format; a file, as jobs seek in it. Where they find each table is written into
    /// it, if it may be.
    std::filesystem::path dump{};
    std::string database{};  ///< the target
    std::string owner{};     ///< role; empty: the one that the manifest names
    /// A database of that name that is not empty is renamed instead of refused.
    bool replace = false;
    /// It is put in place only when it is what was dumped; without that, differences are in the
    /// report alone, and the caller looks at the database (check_database).
    bool compare = true;
    /// Changes the new database, as the role that restores, once it is what was dumped and before
    /// it is put in place. What it throws ends the restore. May be empty.
    std::function<void(Connection&)> adapt{};
    /// The way in as the owner, where he may log in: else a role is made for it, and removed.
    std::optional<Settings> login{};
    /// Does something in the new database as the role that connects, before any SQL of the dump
    /// has run there. May be empty.
    std::function<void(Connection&)> prepare{};
    /// Privileges of other roles are restored, where these are there.
    bool grants = true;
    unsigned jobs = 2;                      ///< connections at once, two at least
    std::filesystem::path bin_directory{};  ///< of pg_restore; empty: where Debian has it
};

/// Steps are "load" (entries of the dump), "check" (tables) and "foreign keys" (entries).
struct RestoreProgress {
    std::string step{};
    std::size_t done = 0;
    std::size_t of = 0;
    std::string item{};  ///< "INDEX index_accounts_on_uri"
};
/// One thread at a time; must not throw.
using OnRestoreProgress = std::function<void(const RestoreProgress&)>;

struct RestoredDatabase {
    std::string name{};
    std::string renamed{};  ///< the name that the database before it has now; empty: none was there
    std::size_t tables = 0;
    std::int64_t rows = 0;
    std::string owner{};      ///< role
    Comparison comparison{};  ///< with what was dumped
    std::vector<std::string> warnings{};
    /// What was not made: the owner may not, or a role is missing. For an admin to read and run.
    std::vector<LeftOut> left_out{};
    std::set<std::string> tables_left_out{};  ///< of these, "public.x"
    std::vector<std::string> settings{};      ///< ALTER DATABASE … SET of the database before
};

/// What can be known before anything is fetched or stopped. Leaves nothing behind, but logs in to
/// an empty database of its own as the restore will, and removes it.
/// \param options the dump itself is not looked at
/// Throws Error{database}: the server is too old, the target is there already and
/// not empty (and not to be replaced), no role that may restore is let in; Error{environment}: no
/// pg_restore that can, or the locale is missing.
void check_before_restore(const Settings& settings, const DumpedDatabase& dumped,
                          const RestoreOptions& options, std::stop_token stop);

/// Restores a dump into a new database, and puts that in place only when it is what was dumped:
/// every table has its rows, every sequence its value, every object is there, and the schema is of
/// the same version. Before that, nothing that was there is touched; a failure or a stop request leaves nothing of the new database.
///
/// No SQL of the dump runs as a superuser, nor as a role that may do more than the owner. What the
/// owner may not make (event triggers, foreign servers, functions in C, …) is left out and listed;
/// known extensions are made by their names. All of it is in the default tablespace. In the end
/// everything belongs to the owner, or to the plain roles that it belonged to.
///
/// Where the role may make no database but owns the target, and that is empty, it is filled in its
/// place; a failure leaves it empty then.
///
/// \param settings the server, as a role that may make databases (a superuser, usually), and a
/// database to work from that is not the target ("postgres")
/// \param progress may be empty
/// Throws Error{database}: the server is too old, a role is missing, the target is in use;
/// Error{environment}: no pg_restore that can, a locale or extension is missing; Error{corrupt}:
/// the dump cannot be read, or the database differs from what was dumped; Error{cancelled}. Only one failure leaves the new
/// database, whole, and tells its name: when another session has connected to the target in the
/// meantime.
RestoredDatabase restore_database(const Settings& settings, const DumpedDatabase& dumped,
                                  const RestoreOptions& options, const OnRestoreProgress& progress,
                                  std::stop_token stop);

/// The role that a database shall belong to. One that belonged to a superuser, or to 'postgres',
/// belongs to Mastodon's role, which has to use it. Where that role is not there and the one that
/// connects may make none, the database belongs to the latter.
/// Throws Error{database}, Error{cancelled}.
std::string owner_to_be(const Settings& settings, const DumpedDatabase& dumped,
                        std::stop_token stop);

/// Drops what restores into a database left when they were killed: half a database, of a name that
/// nothing else has, and the role that restored. Those of restores that go on are left alone, and
/// so are those that cannot be dropped.
/// \param settings as for restore_database
/// Throws Error{database}, Error{cancelled}.
void drop_abandoned(const Settings& settings, const std::string& target, std::stop_token stop);

/// "15.8 (Debian …)" → 15; 0 for what is not a version.
int major_of(const std::string& version);

}  // namespace mastobak::postgres
