// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/snapshot.hpp"

namespace mastobak::postgres {

/// What differs between the rows at the backup and those that are there now, in words: "table
/// 'public.accounts' has 41 rows, not 42"; empty: nothing.
std::vector<std::string> row_differences(const RowCounts& then, const RowCounts& now);

/// All rows of all tables.
std::int64_t total(const RowCounts& counts);

}  // namespace mastobak::postgres
