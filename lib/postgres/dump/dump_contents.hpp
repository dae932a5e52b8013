// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "dumps/read_dump.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/inspect.hpp"

/// What a dump contains, in the order of a restore, and what a restore leaves out of it.
namespace mastobak::postgres {

/// An object that a restore does not create, because the owner of the database may not create it
/// (or not on this server). A restore runs no SQL of a set with more rights than the owner's.
struct LeftOut {
    std::string what;       ///< "PUBLICATION everything"
    std::string statement;  ///< copied from the dump; an admin has to read it before running it
};

/// Returns the objects of a dump that a restore leaves out on any server.
/// \param dump only its beginning is read
/// Throws Error{corrupt}, Error{environment} for a format newer than this program,
/// Error{cancelled}.
std::vector<LeftOut> left_out_of(const dumps::StoredDump& dump, const std::stop_token& stop);

/// Returns "PUBLICATION a, EVENT TRIGGER b and 3 more".
std::string names_of(const std::vector<LeftOut>& left_out);

/// The entries of a dump, grouped in the order in which they are restored. The strings are lists of
/// entry ids in the format of pg_restore --use-list.
struct DumpContents {
    struct Extension {
        std::string name, schema;
        std::int64_t id = 0;  ///< ID of its entry
    };
    std::vector<std::string> schemas{};  ///< names; created by statements of our own
    std::vector<Extension> extensions{};
    /// Tables, functions, …: fast, so created one after the other. A table whose generated columns
    /// or partitions call a function is in a later list than the function: PostgreSQL looks into
    /// the function when it creates the table, so that the function needs its search path.
    std::deque<std::string> definitions{1};
    std::string rest{};  ///< rows and indexes
    /// Ids of the rows of tables whose generated columns call functions, which may read the rows of
    /// other tables, or fail (CodeOfDump); and the list of what is created after these rows.
    std::set<std::int64_t> late_rows{};
    std::string late{};
    std::string foreign_keys{};  ///< foreign keys, with their comments
    std::string last{};          ///< policies and publications, as policies would hide rows;
                                 ///< and checks of domains that loaded rows may violate
    std::string grants{};
    /// Ids of the entries that may call functions of the dump: the rows of materialized views, and
    /// indexes. They are created one by one, after all rows were loaded (CodeOfDump).
    std::set<std::int64_t> code{};

    std::set<std::int64_t> made{};  ///< ids of all entries that are restored
    std::vector<LeftOut> left_out{};
    std::set<std::string> tables_left_out{};  ///< "public.accounts"; their rows are left out, too
    std::set<std::string> tablespaces{};      ///< tablespaces with objects of the dump
    std::vector<std::string> settings{};      ///< statements: ALTER DATABASE … SET
    std::vector<TocEntry> entries{};
};

/// Groups the entries of a dump.
/// \param refused ids of entries that the server has refused to let the owner create
DumpContents sort_contents(std::vector<TocEntry> entries,
                           const std::set<std::int64_t>& refused = {});

/// Returns the ids and the ids of all entries that depend on them, directly or not.
std::set<std::int64_t> with_dependents(const std::vector<TocEntry>& entries,
                                       std::set<std::int64_t> ids);

/// Returns the attributes of a function's definition, beginning with its language: "c IMMUTABLE
/// LEAKPROOF".
std::string function_attributes(const TocEntry& entry);

}  // namespace mastobak::postgres
