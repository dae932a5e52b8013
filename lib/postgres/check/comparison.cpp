// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/check/comparison.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace mastobak::postgres {

std::vector<std::string> row_differences(const RowCounts& then, const RowCounts& now) {
    std::vector<std::string> differences;
    for (const auto& [table, rows] : then) {
        const auto found = now.find(table);
        if (found == now.end())
            differences.push_back(
                fmt::format("table '{}' is missing, with {}", table, counted(rows, "row")));
        else if (found->second != rows)
            differences.push_back(fmt::format("table '{}' has {}, not {}", table,
                                              counted(found->second, "row"), rows));
    }
    for (const auto& [table, rows] : now)
        if (!then.contains(table))
            differences.push_back(
                fmt::format("table '{}', with {}, was not recorded", table, counted(rows, "row")));
    return differences;
}

std::int64_t total(const RowCounts& counts) {
    std::int64_t rows = 0;
    for (const auto& [table, of_table] : counts) rows += of_table;
    return rows;
}

}  // namespace mastobak::postgres
