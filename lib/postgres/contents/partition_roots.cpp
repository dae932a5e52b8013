// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/contents/partition_roots.hpp"

#include <string_view>
#include <utility>

#include "postgres/rows/copy_counter.hpp"

namespace mastobak::postgres {
namespace {

const std::string& root_of(const std::string& table, const PartitionRoots& roots) {
    const auto found = roots.find(table);
    return found == roots.end() ? table : found->second;
}

}  // namespace

PartitionRoots partition_roots(const std::vector<TocEntry>& entries) {
    PartitionRoots roots;
    for (const auto& entry : entries) {
        if (entry.kind != "TABLE DATA") continue;
        std::string_view copy = entry.copy;
        if (copy.ends_with('\n')) copy.remove_suffix(1);
        const auto name = entry.schema + "." + entry.name;
        if (auto into = copied_table(copy); into && *into != name)
            roots.emplace(name, std::move(*into));
    }
    return roots;
}

RowCounts by_root(const RowCounts& counts, const PartitionRoots& roots) {
    RowCounts sums;
    for (const auto& [table, rows] : counts) sums[root_of(table, roots)] += rows;
    return sums;
}

Contents by_root(Contents contents, const PartitionRoots& roots, std::set<std::string>* mixed) {
    for (const auto& [partition, root] : roots) {
        const auto part = contents.tables.extract(partition);
        if (part.empty()) continue;
        auto& sum = contents.tables[root];
        sum.rows += part.mapped().rows;
        sum.digest += part.mapped().digest;
        if (mixed && !sum.columns.empty() && sum.columns != part.mapped().columns)
            mixed->insert(root);
        sum.columns = part.mapped().columns;
    }
    return contents;
}

}  // namespace mastobak::postgres
