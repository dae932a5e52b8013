// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/dumped_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/process.hpp"
#include "postgres/dump/copied_lines.hpp"
#include "postgres/dump/copy_counter.hpp"
#include "postgres/dump/dump_feeder.hpp"

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
        std::vector<std::string_view> fields;
        for (std::size_t begin = 0; begin <= line.size();) {
            const auto end = std::min(line.find('\t', begin), line.size());
            fields.push_back(line.substr(begin, end - begin));
            begin = end + 1;
        }
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

}  // namespace

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
    const Command restore{
        .argv = {tools.pg_restore, "--data-only", "--table=" + table, "--file=-"},
        .environment = {{"LC_ALL", "C"}},
        .on_output = [&](std::span<const std::byte> block) { reader.feed(block); },
        .input = [&](std::span<std::byte> block) { return feeder.fill(block); },
        .reach = Reach(),
    };
    const auto finished = run(restore, std::move(stop));
    if (!finished.ok())
        throw Error(Errc::corrupt, fmt::format("pg_restore cannot read '{}': {}",
                                               dump.file.native(), finished.reason()));
    if (!reader.found())
        throw Error(Errc::corrupt, fmt::format("the dump has no table '{}'", table));
}

}  // namespace mastobak::postgres
