// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/rows/dumped_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/process/process.hpp"
#include "core/text.hpp"
#include "postgres/contents/contents_reader.hpp"
#include "postgres/contents/partition_roots.hpp"
#include "postgres/rows/copied_lines.hpp"
#include "postgres/rows/copy_counter.hpp"

namespace mastobak::postgres {

namespace {

/// Extracts the requested columns from the rows of one table.
class RowReader {
 public:
    RowReader(const std::vector<std::string>& columns,
              const std::function<void(const DumpedRow&)>& on_row)
        : columns_(columns), on_row_(on_row) {}

    void feed(std::span<const std::byte> block) { lines_.feed(block); }
    bool found() const { return found_; }

 private:
    void begin(std::string_view line) {
        const auto names = listed_names(copied_column_list(line));
        places_.clear();
        for (const auto& column : columns_) {
            const auto at = std::find(names.begin(), names.end(), column);
            if (at == names.end())
                throw Error(Errc::corrupt,
                            fmt::format("the dump has no column '{}' in '{}'", column,
                                        line.substr(5, line.find(" (") - 5)));
            places_.push_back(static_cast<std::size_t>(at - names.begin()));
        }
        found_ = true;
    }

    void row(std::string_view line) {
        const auto fields = split(line, "\t");
        DumpedRow row;
        for (const auto place : places_) {
            if (place >= fields.size())
                throw Error(Errc::corrupt, "a row of the dump lacks columns");
            row.push_back(copied_field(fields[place]));
        }
        on_row_(row);
    }

    const std::vector<std::string>& columns_;
    const std::function<void(const DumpedRow&)>& on_row_;
    std::vector<std::size_t> places_;
    bool found_ = false;
    CopiedLines lines_{[this](std::string_view line) { begin(line); },
                       [this](std::string_view line) { row(line); }};
};

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

void restore_rows(DumpFeeder& feeder, const dumps::StoredDump& dump, const Tools& tools,
                  const std::string& table,
                  const std::function<void(std::span<const std::byte>)>& on_rows,
                  std::stop_token stop, const std::string& hint) {
    Command restore{.argv = {tools.pg_restore, "--data-only", "--file=-"},
                    .environment = {{"LC_ALL", "C"}},
                    .on_output = on_rows,
                    .input = [&](std::span<std::byte> block) { return feeder.fill(block); },
                    .reach = Reach()};
    if (!table.empty()) restore.argv.push_back("--table=" + table);
    const auto finished = run(restore, std::move(stop));
    if (!finished.ok())
        throw Error(
            Errc::corrupt,
            fmt::format("pg_restore cannot read '{}': {}", dump.file.native(), finished.reason()),
            hint);
}

DumpedRows read_all_rows(const dumps::StoredDump& dump, const Tools& tools, const RowKey* key,
                         std::stop_token stop) {
    if (tools.pg_restore.empty())
        return read_without_pg_restore(dump, tools, key != nullptr ? *key : RowKey{}, stop);
    DumpFeeder feeder(dump, dumps::DumpDigest::check);
    std::optional<CopyCounter> with_digests, without;
    auto& counter = key != nullptr ? with_digests.emplace(*key) : without.emplace();
    // Without --data-only, a line in a function's body could look like a COPY statement.
    restore_rows(
        feeder, dump, tools, {}, [&](auto block) { counter.feed(block); }, std::move(stop),
        "pg_dump wrote half of it, or the disk damaged it: see PostgreSQL's log and "
        "'journalctl -k'");
    // pg_restore may stop before the end of the file, where the checksum of zstd is.
    std::vector<std::byte> rest(64 * 1024);
    while (feeder.fill(rest) != 0) {
    }
    auto digests = counter.digests();
    return {counter.finish(), std::move(digests)};
}

std::optional<std::string> copied_field(std::string_view text) {
    if (text == "\\N") return std::nullopt;
    std::string field;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            field += text[i];
            continue;
        }
        constexpr std::string_view names = "bfnrtv";
        constexpr std::string_view meant = "\b\f\n\r\t\v";
        const char c = text[++i];
        const auto at = names.find(c);
        field += at == names.npos ? c : meant[at];
    }
    return field;
}

void read_dumped_rows(const dumps::StoredDump& dump, const Tools& tools, const std::string& table,
                      const std::vector<std::string>& columns,
                      const std::function<void(const DumpedRow&)>& on_row, std::stop_token stop) {
    DumpFeeder feeder(dump);
    RowReader reader(columns, on_row);
    restore_rows(
        feeder, dump, tools, table, [&](auto block) { reader.feed(block); }, std::move(stop));
    if (!reader.found())
        throw Error(Errc::corrupt, fmt::format("the dump has no table '{}'", table));
}

}  // namespace mastobak::postgres
