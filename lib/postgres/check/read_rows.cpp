// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/check/read_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "postgres/dump/tables.hpp"
#include "postgres/names.hpp"
#include "postgres/restore/in_parallel.hpp"
#include "postgres/rows/copied_lines.hpp"
#include "postgres/rows/copy_rows.hpp"
#include "postgres/rows/large_objects.hpp"

namespace mastobak::postgres {
namespace {

constexpr auto all_sequences = R"(
SELECT n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_')";

std::string column_list(const std::vector<std::string>& names) {
    std::vector<std::string> quoted;
    for (const auto& name : names) quoted.push_back(sql_name(name));
    return fmt::format("{}", fmt::join(quoted, ", "));
}

bool are_the_same(std::vector<std::string> a, std::vector<std::string> b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
}

bool are_all_in(const std::vector<std::string>& names, const std::vector<std::string>& all) {
    return std::ranges::all_of(
        names, [&](const auto& name) { return std::ranges::find(all, name) != all.end(); });
}

class RowReader {
 public:
    explicit RowReader(const RowsOptions& options)
        : options_(options), recorded_(options.recorded), digester_(recorded_.key) {}

    TableContents table(Connection& connection, const DumpedTable& table) {
        const auto now = columns_to_copy(connection, table.sql);
        TableContents result;
        auto columns = now;
        if (const auto then = recorded_.tables.find(table.name); then != recorded_.tables.end()) {
            const auto& list = then->second.columns;
            if (auto names = listed_names(list);
                are_the_same(names, now) ||
                (options_.more_columns.contains(table.name) && are_all_in(names, now))) {
                columns = std::move(names);
                result.columns = list;
            }
        }
        if (result.columns.empty()) result.columns = column_list(columns);
        const auto list = column_list(columns);
        auto from = columns.empty() ? table.sql : fmt::format("{} ({})", table.sql, list);
        if (!table.condition.empty())
            from = fmt::format("(SELECT {} FROM ONLY {} {})", list, table.sql, table.condition);
        result.rows = copy_table(connection, from, [this](auto row) { digester_.add(row); });
        result.digest = digester_.finish();
        return result;
    }

    TableContents large_objects(Connection& connection) {
        TableContents result;
        read_large_objects(connection, recorded_.key, [&](const auto&, const auto& digest) {
            result.digest += digest;
            ++result.rows;
        });
        return result;
    }

 private:
    const RowsOptions& options_;
    const Contents& recorded_;
    RowDigester digester_;
};

std::map<std::string, std::string> sequences(Connection& connection, const Contents& recorded) {
    std::map<std::string, std::string> values;
    for (const auto& row : connection.query(all_sequences)) {
        const auto& name = row[0].value_or("");
        if (!recorded.sequences.contains(name)) continue;
        values[name] = connection.value(
            "SELECT last_value || CASE WHEN is_called THEN ', true' ELSE ', false' END FROM " +
            row[1].value_or(""));
    }
    return values;
}

}  // namespace

Contents read_rows(const Settings& database, const RowsOptions& options, std::stop_token stop) {
    Contents contents;
    contents.key = options.recorded.key;
    std::vector<DumpedTable> tables;
    {
        Connection connection(database, stop);
        tables = dumped_tables(connection);
    }
    std::mutex mutex;
    const auto read = [&](Connection& connection, std::size_t item) {
        RowReader reader(options);
        if (item < tables.size()) {
            auto table = reader.table(connection, tables[item]);
            const std::lock_guard lock(mutex);
            contents.tables.emplace(tables[item].name, std::move(table));
        } else {
            auto values = sequences(connection, options.recorded);
            auto objects = reader.large_objects(connection);
            const std::lock_guard lock(mutex);
            contents.sequences = std::move(values);
            contents.large_objects = std::move(objects);
        }
    };
    in_parallel(database,
                {.items = tables.size() + 1,
                 .connections = options.connections,
                 .role = options.role,
                 .prepare =
                     [&](Connection& connection) {
                         write_as_pg_dump(connection, options.recorded.encoding);
                     },
                 .work = read},
                std::move(stop));
    return contents;
}

}  // namespace mastobak::postgres
