// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/connection.hpp"

/// What a database is asked to find out whether it is whole. Not for other folders.
namespace mastobak::postgres {

struct IntegrityQuery {
    std::string subject;  ///< "index 'public.index_accounts_on_uri'"
    std::string sql;      ///< its value is 0 or empty when nothing is wrong
    std::string wrong{};  ///< what the value counts: "keys are there more than once"
};

/// Rows of each foreign key whose other row is not there, as PostgreSQL itself validates one.
std::vector<IntegrityQuery> queries_of_foreign_keys(Connection& connection);
/// Keys of each unique index that are more than once in its table; and whether it is valid.
std::vector<IntegrityQuery> queries_of_unique_indexes(Connection& connection);
/// amcheck's own for each b-tree; empty and `why_not` where the extension cannot be made.
std::vector<IntegrityQuery> queries_of_b_trees(Connection& connection, std::string& why_not);

}  // namespace mastobak::postgres
