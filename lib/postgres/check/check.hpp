// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "postgres/connection.hpp"
#include "postgres/restore/restore.hpp"

namespace mastobak::postgres {

enum class Verdict { good, bad, skipped };

/// A number of files and their total size.
struct Amount {
    std::uint64_t count = 0;  ///< files
    Bytes bytes;

    bool operator==(const Amount&) const = default;
};

/// One line of a drill's report: a check and its verdict.
struct Check {
    std::string name{};  ///< "rows", "schema version", "foreign keys", "unique indexes", "b-trees"
    Verdict verdict = Verdict::good;
    std::string figure{};                 ///< "13 tables, 45678 rows", or why it was skipped
    std::size_t problem_count = 0;        ///< more than 0 when the verdict is bad
    std::vector<std::string> problems{};  ///< the first hundred of them
    Amount read{};     ///< files of the set, or parts of files, that were compared byte by byte
    Amount by_size{};  ///< files of which only the existence and the size were checked
};

/// Sets the verdict to bad and adds a problem. After a hundred problems, only the count increases.
void add_problem(Check& check, std::string problem);

/// Converts the comparison of a restore into the checks "rows", "sequences" and "schema".
std::vector<Check> checks_of(const Comparison& comparison);

/// Creates the extension amcheck in a database, and allows a role to use it in check_database().
/// Call it before any SQL of a set has run there, because the connection is a superuser's. Does
/// nothing where amcheck is not installed.
/// Throws Error{cancelled}.
void provide_amcheck(Connection& database, const std::string& role);

/// Checks a restored database for faults that do not make the load of a dump fail:
/// - every table has the recorded number of rows, unless the restore has compared them already
///   (checks_of), and the schema has the recorded version;
/// - every row that a foreign key refers to exists, unless the key is NOT VALID;
/// - every unique index is valid, and no key occurs twice in its table. The table is read without
///   its indexes. Materialized views that were never filled are left out;
/// - every b-tree has all rows of its table, in order (amcheck: bt_index_check, heapallindexed).
///   This check is skipped where provide_amcheck() could not create the extension.
///
/// \param settings    settings of the owner's role, because the contents are hostile
/// \param count       whether rows are counted
/// \param connections number of connections that work at the same time
/// \param progress    called with one step for each check; may be empty
/// \return all checks, in that order; a check that is bad does not prevent the following ones
/// Throws Error{database} when the database cannot be queried at all, Error{cancelled}.
/// Source: PostgreSQL's documentation, F.2 amcheck.
std::vector<Check> check_database(const Settings& settings, const DumpedDatabase& dumped,
                                  bool count, unsigned connections,
                                  const OnRestoreProgress& progress, std::stop_token stop);

}  // namespace mastobak::postgres
