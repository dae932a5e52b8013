// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/count_dumped_rows.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/process.hpp"
#include "postgres/contents/contents_reader.hpp"
#include "postgres/contents/partition_roots.hpp"
#include "postgres/dump/copy_counter.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/dump/dump_feeder.hpp"

namespace mastobak::postgres {
namespace {

/// Does what read_all_rows() does without pg_restore: the names of tables are those that pg_restore
/// would load rows by.
DumpedRows read_without_pg_restore(const dumps::StoredDump& dump, const Tools& tools,
                                   const RowKey& key, const std::stop_token& stop) {
    DumpFeeder feeder(dump, dumps::DumpDigest::check);
    ContentsReader reader(key);
    std::vector<std::byte> block(256 * 1024);
    while (const auto size = feeder.fill(block)) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "reading the dump was cancelled");
        reader.feed(std::span(block).first(size));
    }
    const auto contents = reader.finish();
    if (!contents)
        throw Error(
            Errc::corrupt,
            fmt::format("'{}' cannot be read: pg_dump wrote half of it, or an unknown format",
                        dump.file.native()),
            fmt::format("if pg_dump {} is a new version, install pg_restore of it", tools.major));
    const auto by_name = by_root(*contents, partition_roots(reader.entries()));
    DumpedRows rows{.counts = by_name.row_counts()};
    for (const auto& [name, table] : by_name.tables) rows.digests.emplace(name, table.digest);
    return rows;
}

}  // namespace

DumpedRows read_all_rows(const dumps::StoredDump& dump, const Tools& tools, const RowKey* key,
                         std::stop_token stop) {
    if (tools.pg_restore.empty())
        return read_without_pg_restore(dump, tools, key != nullptr ? *key : RowKey{}, stop);
    DumpFeeder feeder(dump, dumps::DumpDigest::check);
    std::optional<CopyCounter> with_digests, without;
    auto& counter = key != nullptr ? with_digests.emplace(*key) : without.emplace();
    Command restore{
        // Without --data-only, a line in a function's body could look like a COPY statement.
        .argv = {tools.pg_restore, "--data-only", "--file=-"},
        .environment = {{"LC_ALL", "C"}},
        .on_output = [&](std::span<const std::byte> block) { counter.feed(block); },
        .input = [&](std::span<std::byte> block) { return feeder.fill(block); },
        .reach = Reach(),
    };
    const auto finished = run(restore, std::move(stop));
    if (!finished.ok())
        throw Error(
            Errc::corrupt,
            fmt::format("pg_restore cannot read '{}': {}", dump.file.native(), finished.reason()),
            "pg_dump wrote half of it, or the disk damaged it: see PostgreSQL's log and "
            "'journalctl -k'");
    // pg_restore may stop before the end of the file, where the checksum of zstd is.
    std::vector<std::byte> rest(64 * 1024);
    while (feeder.fill(rest) != 0) {
    }
    auto digests = counter.digests();
    return {counter.finish(), std::move(digests)};
}

RowCounts count_dumped_rows(const dumps::StoredDump& dump, const Tools& tools,
                            std::stop_token stop) {
    return read_all_rows(dump, tools, nullptr, std::move(stop)).counts;
}

}  // namespace mastobak::postgres
