// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/count_dumped_rows.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/process.hpp"
#include "postgres/dump/copy_counter.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/dump/dump_feeder.hpp"

namespace mastobak::postgres {

DumpedRows read_all_rows(const dumps::StoredDump& dump, const Tools& tools, const RowKey* key,
                         std::stop_token stop) {
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
