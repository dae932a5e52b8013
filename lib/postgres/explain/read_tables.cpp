// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/explain/read_tables.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"
#include "core/process.hpp"
#include "postgres/dump/copied_lines.hpp"
#include "postgres/dump/copy_counter.hpp"
#include "postgres/dump/dump_feeder.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {

void read_tables(const std::filesystem::path& dump, const Tools& tools, const OnTable& on_table,
                 std::stop_token stop) {
    DumpFeeder feeder(dump);
    OnRow on_row;
    CopiedLines lines(
        [&](std::string_view copy) {
            on_row = on_table(copied_table(copy).value_or(""), copied_column_list(copy));
        },
        [&](std::string_view row) {
            if (on_row) on_row(row);
        });
    const Command restore{
        .argv = {tools.pg_restore, "--data-only", "--file=-"},
        .environment = {{"LC_ALL", "C"}},
        .on_output = [&](std::span<const std::byte> block) { lines.feed(block); },
        .input = [&](std::span<std::byte> block) { return feeder.fill(block); },
        .reach = Reach(),
    };
    const auto finished = run(restore, std::move(stop));
    if (!finished.ok())
        throw Error(Errc::corrupt, fmt::format("pg_restore cannot read '{}': {}", dump.native(),
                                               finished.reason()));
}

void write_as_pg_dump(Connection& connection, const std::string& encoding) {
    // Source: pg_dump.c (setup_connection), and pg_dump_command().
    for (const auto* setting :
         {"TimeZone = 'UTC'", "bytea_output = 'hex'", "DateStyle = 'ISO'",
          "IntervalStyle = 'postgres'", "extra_float_digits = 3", "row_security = off"})
        connection.query(fmt::format("SET {}", setting));
    if (!encoding.empty()) connection.query("SET client_encoding = " + sql_text(encoding));
}

std::int64_t copy_table(Connection& connection, const std::string& sql, const OnRow& on_row) {
    return connection.copy_out(fmt::format("COPY {} TO STDOUT", sql), [&](std::string_view row) {
        if (row.ends_with('\n')) row.remove_suffix(1);
        on_row(row);
    });
}

std::vector<std::string> columns_to_copy(Connection& connection, const std::string& sql) {
    std::vector<std::string> columns;
    for (const auto& row : connection.query(
             "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::regclass "
             "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
             {sql}))
        columns.push_back(row[0].value_or(""));
    return columns;
}

std::vector<std::string> primary_key_of(const std::vector<TocEntry>& entries,
                                        const std::string& table) {
    // "ALTER TABLE ONLY public.accounts\n    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);\n"
    constexpr std::string_view begin = "ALTER TABLE ONLY ", middle = "\n    ADD CONSTRAINT ",
                               kind = " PRIMARY KEY (";
    for (const auto& entry : entries) {
        if (entry.kind != "CONSTRAINT") continue;
        const std::string_view text = entry.definition;
        const auto name_end = text.find(middle), key = text.find(kind), end = text.rfind(')');
        if (!text.starts_with(begin) || name_end == text.npos || key == text.npos ||
            end == text.npos || key < name_end || end < key + kind.size())
            continue;
        const auto name = text.substr(begin.size(), name_end - begin.size());
        if (copied_table(fmt::format("COPY {} FROM stdin;", name)) != table) continue;
        // "(id) INCLUDE (x)", "(id) WITH (fillfactor='80')"
        const auto list = text.substr(key + kind.size(), text.find(')', key) - key - kind.size());
        return listed_names(list);
    }
    return {};
}

}  // namespace mastobak::postgres
