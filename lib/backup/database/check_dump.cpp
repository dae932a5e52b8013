// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/database/check_dump.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/text.hpp"
#include "postgres/contents/partition_roots.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/rows/dumped_rows.hpp"

namespace mastobak::backup {
namespace {

/// Compares the output of pg_dump with the file. The compressor, the memory or the disk may have
/// changed the data in between.
void compare(const postgres::Contents& written, const postgres::DumpedRows& rows,
             const postgres::Contents& in_file) {
    postgres::ContentDifferences differences;
    compare_dump(written, in_file, differences);
    auto& all = differences.objects;
    all.insert(all.end(), differences.sequences.begin(), differences.sequences.end());
    for (const auto& [name, table] : written.tables) {
        const auto found = rows.digests.find(name);
        if (table.rows > 0 && (found == rows.digests.end() || !(found->second == table.digest)))
            all.push_back(fmt::format("the rows of table '{}'", name));
    }
    if (all.empty()) return;
    throw Error(Errc::database,
                fmt::format("the dump's file differs from what pg_dump wrote: {}{}", all[0],
                            all.size() > 1 ? fmt::format(" (and {} more)", all.size() - 1) : ""),
                "is the memory or the disk of this host damaged? see 'journalctl -k'");
}

constexpr std::size_t named = 5;

}  // namespace

CheckedDump check_dump(std::shared_ptr<postgres::Snapshot> snapshot, const dumps::StoredDump& dump,
                       const postgres::Tools& tools,
                       const std::optional<postgres::Contents>& contents,
                       const std::stop_token& stop) {
    CheckedDump checked;
    checked.rows = snapshot->count_rows(stop);
    snapshot.reset();
    const auto rows =
        postgres::read_all_rows(dump, tools, contents ? &contents->key : nullptr, stop);
    const auto entries = postgres::read_compressed_toc(dump, stop);
    const auto roots = postgres::partition_roots(entries);
    check_row_counts(postgres::by_root(checked.rows, roots), rows.counts);
    if (contents)
        compare(by_root(*contents, roots), rows, postgres::contents_of(entries));
    else
        checked.warnings.emplace_back(
            "the contents of the dump were not recorded: pg_dump wrote an unknown format");
    if (const auto left_out = postgres::left_out_of(dump, stop); !left_out.empty())
        checked.warnings.push_back(
            fmt::format("a restore leaves out what the database's owner may not create, and lists "
                        "it for you to run: {}",
                        readable(postgres::names_of(left_out))));
    return checked;
}

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
