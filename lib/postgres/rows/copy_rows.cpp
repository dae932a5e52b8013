// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/rows/copy_rows.hpp"

#include <fmt/format.h>

#include "postgres/names.hpp"

namespace mastobak::postgres {

void write_as_pg_dump(Connection& connection, const std::string& encoding) {
    for (const auto* setting :
         {"DateStyle = ISO", "IntervalStyle = postgres", "extra_float_digits = 3", "TimeZone = UTC",
          "bytea_output = hex", "synchronize_seqscans = off", "row_security = off"})
        connection.query(fmt::format("SET {}", setting));
    if (!encoding.empty()) connection.query("SET client_encoding = " + sql_text(encoding));
}

std::int64_t copy_table(Connection& connection, const std::string& what, const OnRow& on_row) {
    return connection.copy_out(fmt::format("COPY {} TO STDOUT", what), [&](std::string_view row) {
        if (row.ends_with('\n')) row.remove_suffix(1);
        on_row(row);
    });
}

std::vector<std::string> columns_to_copy(Connection& connection, const std::string& table) {
    std::vector<std::string> columns;
    for (const auto& row : connection.query(
             "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::regclass "
             "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
             {table}))
        columns.push_back(row[0].value_or(""));
    return columns;
}

}  // namespace mastobak::postgres
