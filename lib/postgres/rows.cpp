// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/rows.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"

namespace mastobak::postgres {
namespace {

/// As many as make the way to the server and back cheap.
constexpr std::size_t at_once = 2000;

}  // namespace

RowStream::RowStream(Connection& connection, const std::string& query) : connection_(connection) {
    // All rows are wanted: no plan that is quick only for the first ones.
    connection_.query("SET LOCAL cursor_tuple_fraction = 1");
    connection_.query("DECLARE mastobak_rows NO SCROLL CURSOR FOR " + query);
}

RowStream::~RowStream() {
    try {
        connection_.query("CLOSE mastobak_rows");
    } catch (const Error&) {
        // The connection or its transaction is gone, and the cursor with it.
    }
}

std::optional<Row> RowStream::next() {
    if (at_ == block_.size()) {
        if (!more_) return std::nullopt;
        block_ = connection_.query(fmt::format("FETCH {} FROM mastobak_rows", at_once));
        more_ = block_.size() == at_once;
        at_ = 0;
        if (block_.empty()) return std::nullopt;
    }
    return std::move(block_[at_++]);
}

std::set<std::string> columns_of(Connection& connection, const std::string& name) {
    const auto table = table_named(connection, name);
    std::set<std::string> columns;
    for (const auto& row : connection.query(
             "SELECT attname FROM pg_catalog.pg_attribute "
             "WHERE attrelid = to_regclass(nullif($1, '')) AND attnum > 0 AND NOT attisdropped",
             {table}))
        columns.insert(row.at(0).value_or(""));
    return columns;
}

bool has_value(Connection& connection, const std::string& name, const std::string& column) {
    if (!columns_of(connection, name).contains(column)) return false;
    const auto rows =
        connection.query(fmt::format("SELECT EXISTS (SELECT FROM {} WHERE {} IS NOT NULL)",
                                     table_named(connection, name), column));
    return rows.at(0).at(0) == "t";
}

}  // namespace mastobak::postgres
