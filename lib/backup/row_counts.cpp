// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/row_counts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/readable.hpp"

namespace mastobak::backup {
namespace {

constexpr std::size_t named = 5;

}  // namespace

void check_row_counts(const postgres::RowCounts& counted, const postgres::RowCounts& dumped) {
    std::vector<std::string> differences;
    for (const auto& [table, rows] : counted) {
        const auto found = dumped.find(table);
        const auto in_dump = found == dumped.end() ? 0 : found->second;
        if (in_dump != rows)
            differences.push_back(fmt::format("'{}' has {} of {} rows", table, in_dump, rows));
    }
    for (const auto& [table, rows] : dumped)
        if (!counted.contains(table))
            differences.push_back(
                fmt::format("'{}' with {} was not counted", table, mastobak::counted(rows, "row")));
    if (differences.empty()) return;
    const auto more = differences.size() > named ? differences.size() - named : 0;
    differences.resize(differences.size() - more);
    throw Error(
        Errc::database,
        fmt::format("the dump is not what the database holds: {}{}", fmt::join(differences, ", "),
                    more ? " and " + mastobak::counted(more, "more table") : ""),
        "check that pg_dump is PostgreSQL's own and that no row-level security policy filters "
        "rows");
}

}  // namespace mastobak::backup
