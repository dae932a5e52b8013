// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/rows.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"

namespace mastobak::postgres {
namespace {

/// The number of rows of one FETCH. With this many, the round trips cost little.
constexpr std::size_t at_once = 2000;

// Only built-in types: comparing values of a type that the owner of the database has defined would
// run the owner's casts, as the role of the connection. Only the kind of type that Mastodon uses:
// any other one would make the query fail.
constexpr auto usable_columns = R"(
SELECT a.attname
FROM pg_attribute a JOIN pg_type own ON own.oid = a.atttypid
    JOIN pg_type t ON t.oid = CASE own.typtype WHEN 'd' THEN own.typbasetype ELSE own.oid END
WHERE a.attrelid = to_regclass(nullif($1, '')) AND a.attnum > 0 AND NOT a.attisdropped
  AND t.typnamespace = 'pg_catalog'::regnamespace
  AND CASE WHEN a.attname IN ('id', 'processing') OR a.attname ~ '_(file_size|schema_version)$'
           THEN t.typname IN ('int2', 'int4', 'int8')
           ELSE t.typcategory = 'S' END)";

}  // namespace

RowStream::RowStream(Connection& connection, const std::string& query) : connection_(connection) {
    // All rows will be read, so the planner must not prefer a plan that is fast for the first rows.
    connection_.query("SET LOCAL cursor_tuple_fraction = 1");
    connection_.query("DECLARE mastobak_rows NO SCROLL CURSOR FOR " + query);
}

RowStream::~RowStream() {
    try {
        connection_.query("CLOSE mastobak_rows");
    } catch (const Error&) {
        // The connection is lost or the transaction has failed, so the cursor is closed already.
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

std::string locked_table(Connection& connection, const std::string& name, Connection& present) {
    const auto table = table_named(present, name);
    if (table.empty()) return {};
    connection.query(fmt::format("LOCK TABLE {} IN ACCESS SHARE MODE", table));
    return table_named(present, name) == table ? table : std::string();
}

std::set<std::string> columns_of(Connection& connection, const std::string& table) {
    std::set<std::string> names;
    for (const auto& row : connection.query(usable_columns, {table}))
        names.insert(row.at(0).value_or(""));
    return names;
}

bool has_value(Connection& connection, const std::string& name, const std::string& column) {
    if (table_named(connection, name).empty()) return false;
    connection.query("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY");
    const auto table = locked_table(connection, name, connection);
    const bool has =
        columns_of(connection, table).contains(column) &&
        connection.value(fmt::format("SELECT EXISTS (SELECT FROM {} WHERE {} IS NOT NULL)", table,
                                     column)) == "t";
    connection.query("COMMIT");
    return has;
}

}  // namespace mastobak::postgres
