// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "postgres/contents/contents.hpp"
#include "postgres/snapshot.hpp"

namespace mastobak::postgres {

/// Compares the row counts at the backup with those of now, and describes each difference: "table
/// 'public.accounts' has 41 rows, not 42".
/// \return empty when nothing differs
std::vector<std::string> row_differences(const RowCounts& then, const RowCounts& now);

/// Returns the sum of the row counts of all tables.
std::int64_t total(const RowCounts& counts);

/// The result of comparing a restored database with the dumped one.
struct Comparison {
    ContentDifferences differences{};
    std::size_t tables = 0, sequences = 0, objects = 0;  ///< how many of each were compared
    std::int64_t rows = 0;
    bool has_values = false;  ///< rows and sequences were compared by their values
    std::string no_values_because{};
    bool has_objects = false;  ///< the schema was compared
    std::string no_objects_because{};

    /// Returns the differences of rows, sequences and objects in one list.
    std::vector<std::string> all() const;
};

}  // namespace mastobak::postgres
