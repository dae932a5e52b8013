// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "postgres/snapshot.hpp"

namespace mastobak::backup {

/// Compares the number of rows in each table of the snapshot with those in the dump.
/// Throws Error{database} that names the first tables that differ.
void check_row_counts(const postgres::RowCounts& counted, const postgres::RowCounts& dumped);

}  // namespace mastobak::backup
