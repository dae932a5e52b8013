// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/explain/read_tables.hpp"

#include <fmt/format.h>

#include <utility>

#include "postgres/rows/copied_lines.hpp"
#include "postgres/rows/copy_counter.hpp"
#include "postgres/rows/dumped_rows.hpp"

namespace mastobak::postgres {

void read_tables(const dumps::StoredDump& dump, const Tools& tools, const OnTable& on_table,
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
    restore_rows(
        feeder, dump, tools, {}, [&](auto block) { lines.feed(block); }, std::move(stop));
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
        // The list may be followed by "INCLUDE (x)" or "WITH (fillfactor='80')".
        const auto list = text.substr(key + kind.size(), text.find(')', key) - key - kind.size());
        return listed_names(list);
    }
    return {};
}

}  // namespace mastobak::postgres
