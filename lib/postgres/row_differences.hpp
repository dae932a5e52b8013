// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/snapshot.hpp"

namespace mastobak::postgres {

/// Compares the row counts at the backup with those of now, and describes each difference: "table
/// 'public.accounts' has 41 rows, not 42".
/// \return empty when nothing differs
std::vector<std::string> row_differences(const RowCounts& then, const RowCounts& now);

/// Returns the sum of the row counts of all tables.
std::int64_t total(const RowCounts& counts);

}  // namespace mastobak::postgres
