// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/dumped_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/process.hpp"
#include "postgres/dump/copy_counter.hpp"
#include "postgres/dump/dump_feeder.hpp"

namespace mastobak::postgres {

namespace {

/// The largest row of the tables that are read; PostgreSQL itself takes no field of 1 GiB.
constexpr std::size_t longest_row = std::size_t{256} << 20;

/// The names between the brackets of "COPY public.accounts (id, username, "order") FROM stdin;".
std::vector<std::string> copied_columns(std::string_view line) {
    std::vector<std::string> names;
    const auto open = line.find(" (");
    const auto close = line.rfind(") FROM stdin;");
    if (!line.starts_with("COPY ") || open == line.npos || close == line.npos) return names;
    auto rest = line.substr(open + 2, close - open - 2);
    while (!rest.empty()) {
        const auto end = rest.find(", ");
        auto name = rest.substr(0, end);
        if (name.size() > 1 && name.starts_with('"')) name = name.substr(1, name.size() - 2);
        names.emplace_back(name);
        rest = end == rest.npos ? std::string_view() : rest.substr(end + 2);
    }
    return names;
}

/// Lines out of blocks, and the rows that are in them.
class RowReader {
 public:
    RowReader(const std::vector<std::string>& columns,
              const std::function<void(const DumpedRow&)>& on_row)
        : columns_(columns), on_row_(on_row) {}

    void feed(std::span<const std::byte> block) {
        std::string_view text(reinterpret_cast<const char*>(block.data()), block.size());
        while (true) {
            const auto end = text.find('\n');
            line_ += text.substr(0, end);
            if (line_.size() > longest_row)
                throw Error(Errc::corrupt, "a row of the dump is larger than 256 MiB");
            if (end == text.npos) return;
            text.remove_prefix(end + 1);
            if (!in_rows_ && is_open_statement(line_)) {
                line_ += '\n';
                continue;
            }
            take(line_);
            line_.clear();
        }
    }
    bool found() const { return found_; }

 private:
    void take(std::string_view line) {
        if (!in_rows_) {
            if (line.starts_with("COPY ")) begin(line);
        } else if (line == "\\.") {
            in_rows_ = false;
        } else {
            row(line);
        }
    }

    void begin(std::string_view line) {
        const auto names = copied_columns(line);
        places_.clear();
        for (const auto& column : columns_) {
            const auto at = std::find(names.begin(), names.end(), column);
            if (at == names.end())
                throw Error(Errc::corrupt,
                            fmt::format("the dump has no column '{}' in '{}'", column,
                                        line.substr(5, line.find(" (") - 5)));
            places_.push_back(static_cast<std::size_t>(at - names.begin()));
        }
        in_rows_ = found_ = true;
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
    std::string line_;
    bool in_rows_ = false;
    bool found_ = false;
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

void read_dumped_rows(const std::filesystem::path& file, const Tools& tools,
                      const std::string& table, const std::vector<std::string>& columns,
                      const std::function<void(const DumpedRow&)>& on_row, std::stop_token stop) {
    DumpFeeder feeder(file);
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
        throw Error(Errc::corrupt, fmt::format("pg_restore cannot read '{}': {}", file.native(),
                                               finished.reason()));
    if (!reader.found())
        throw Error(Errc::corrupt, fmt::format("the dump has no table '{}'", table));
}

}  // namespace mastobak::postgres
