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

/// How much of a set something concerns.
struct Amount {
    std::uint64_t count = 0;  ///< files
    Bytes bytes;

    bool operator==(const Amount&) const = default;
};

/// One thing that was looked at in a database.
struct Check {
    std::string name{};  ///< "rows", "schema version", "foreign keys", "unique indexes", "b-trees"
    Verdict verdict = Verdict::good;
    std::string figure{};                 ///< "13 tables, 45678 rows"; why it was skipped
    std::size_t problem_count = 0;        ///< more than 0 when it is bad
    std::vector<std::string> problems{};  ///< the first hundred of them
    Amount read{};     ///< files of the set, or parts of them, whose every byte was compared
    Amount by_size{};  ///< of which it was only looked whether they are there, with their size
};

/// Makes it bad; of more than a hundred problems, the number alone is kept.
void add_problem(Check& check, std::string problem);

/// What a restore has compared, as checks: "rows", "sequences" and "schema".
std::vector<Check> checks_of(const Comparison& comparison);

/// Makes extension amcheck in a database, and lets a role use it for check_database(). Before any
/// SQL of a set has run there, as it needs a superuser. Where it is not installed, nothing is done.
/// Throws Error{cancelled}.
void provide_amcheck(Connection& database, const std::string& role);

/// Looks at a restored database for what a dump can be loaded with, and still be wrong:
/// - every table has its rows, unless a restore has compared them (checks_of); the schema has its
///   version;
/// - no row of a foreign key names one that is not there, unless the key is NOT VALID;
/// - every unique index is valid, and no key is twice in its table, which is read without indexes,
///   unless it is a materialized view that was never filled;
/// - every b-tree has all rows of its table, in order (amcheck: bt_index_check, heapallindexed).
///
/// \param settings as the owner of the database: what is in it is hostile. The last check is
/// skipped where provide_amcheck() could not do its work.
/// \param count whether rows are counted
/// \param connections at once
/// \param progress one step for each check; may be empty
/// \return all checks, in that order; those that are bad do not end the others
/// Throws Error{database} when the database cannot be asked at all, Error{cancelled}.
/// Source: PostgreSQL's documentation, F.2 amcheck.
std::vector<Check> check_database(const Settings& settings, const DumpedDatabase& dumped,
                                  bool count, unsigned connections,
                                  const OnRestoreProgress& progress, std::stop_token stop);

}  // namespace mastobak::postgres
