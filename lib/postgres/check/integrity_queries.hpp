// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/connection.hpp"

/// Queries that find damage in a restored database. Internal to postgres/.
namespace mastobak::postgres {

struct IntegrityQuery {
    std::string subject;    ///< "index 'public.index_accounts_on_uri'"
    std::string sql;        ///< returns 0 or an empty value when nothing is wrong
    std::string one{};      ///< if the value is a count, what 1 means: "key occurs twice"
    std::string several{};  ///< what a larger count means: "keys occur twice"
};

/// Returns a query for each foreign key that counts the rows whose referenced row is missing. It is
/// the query by which PostgreSQL itself validates a foreign key.
std::vector<IntegrityQuery> queries_of_foreign_keys(Connection& connection);
/// Returns queries for each unique index: whether the index is valid, and how many of its keys
/// occur more than once in the table.
std::vector<IntegrityQuery> queries_of_unique_indexes(Connection& connection);
/// Returns a query of amcheck for each b-tree. Without a usable amcheck, returns an empty list and
/// sets `why_not`.
std::vector<IntegrityQuery> queries_of_b_trees(Connection& connection, std::string& why_not);

}  // namespace mastobak::postgres
