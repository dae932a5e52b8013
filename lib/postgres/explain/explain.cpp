// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/explain/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "postgres/contents/partition_roots.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/dump/tables.hpp"
#include "postgres/explain/explain_large_objects.hpp"
#include "postgres/explain/read_tables.hpp"
#include "postgres/rows/copied_lines.hpp"
#include "postgres/rows/dumped_rows.hpp"

namespace mastobak::postgres {
namespace {

using Side = RowSearch::Side;

constexpr std::size_t most_tables = 20;
constexpr std::size_t budget = 400'000;  ///< number of keys in memory, for all tables together

struct Searched {
    std::string name;
    TableContents recorded;
    std::unique_ptr<RowSearch> search;
    ExplainedTable result;
};
using Tables = std::map<std::string, Searched>;

class Explainer {
 public:
    Explainer(const ExplainInput& input, std::stop_token stop)
        : input_(input), stop_(std::move(stop)) {}

    std::vector<ExplainedTable> run() {
        entries_ = read_compressed_toc(input_.dump, stop_);
        roots_ = partition_roots(entries_);
        recorded_ = by_root(input_.recorded, roots_, &mixed_);
        dump_ = read_all_rows(input_.dump, input_.tools, &input_.recorded.key, stop_);
        Tables in_dump, in_database;
        for (const auto& [name, then] : recorded_.tables) {
            const auto digest = dump_.digests.find(name);
            if (digest == dump_.digests.end()) continue;  // the table is missing
            const auto rows = dump_.counts.at(name);
            if (digest->second == then.digest && rows == then.rows)
                same_.insert(name);
            else if (in_dump.size() < most_tables)
                in_dump.emplace(name, Searched{name, then, {}, {.table = name}});
        }
        explain_dump(in_dump);
        if (input_.restored) explain_database(in_database, most_tables - in_dump.size());
        std::vector<ExplainedTable> all;
        for (auto* tables : {&in_dump, &in_database})
            for (auto& [name, table] : *tables) all.push_back(std::move(table.result));
        const bool has_objects =
            input_.recorded.large_objects.rows > 0 ||
            std::any_of(entries_.begin(), entries_.end(),
                        [](const auto& entry) { return entry.kind.starts_with("BLOB"); });
        if (has_objects)
            if (auto objects = explain_large_objects(
                    input_, [this]() -> const auto& { return other(); }, stop_))
                all.push_back(std::move(*objects));
        return all;
    }

 private:
    /// Explains tables whose rows in the dump differ from the recorded ones.
    void explain_dump(Tables& tables) {
        if (tables.empty()) return;
        for (const auto& name : mixed_)
            if (const auto found = tables.find(name); found != tables.end())
                found->second.result.finding =
                    "the dump itself differs from what was recorded, and the columns of its "
                    "partitions are in several orders, so that rows cannot be compared";
        find_surplus(tables);
        Tables rest;
        for (auto& [name, table] : tables)
            if (table.result.finding.empty()) rest.emplace(name, std::move(table));
        for (const auto& [name, table] : rest) tables.erase(name);
        compare_with_other(rest);
        tables.merge(rest);
    }

    /// Finds a single surplus or repeated row that explains the whole difference.
    void find_surplus(Tables& tables) {
        std::map<std::string, RowFinder> finders;
        for (auto& [name, table] : tables) {
            if (mixed_.contains(name) || dump_.counts.at(name) != table.recorded.rows + 1) continue;
            auto surplus = dump_.digests.at(name);
            surplus -= table.recorded.digest;
            finders.try_emplace(name, input_.recorded.key, table_of(name), surplus);
        }
        if (finders.empty()) return;
        read_tables(
            input_.dump, input_.tools,
            [&](const std::string& name, const std::string&) -> OnRow {
                const auto found = finders.find(name);
                if (found == finders.end()) return {};
                return [&finder = found->second](auto row) { finder.add(row); };
            },
            stop_);
        for (const auto& [name, finder] : finders) {
            const auto row = finder.found();
            if (!row) continue;
            tables.at(name).result = {
                .table = name,
                .finding = "the dump itself has one row more than was recorded, namely this one",
                .rows = {.rows = {*row}, .keys = 1, .exact = true}};
        }
    }

    void compare_with_other(Tables& tables) {
        if (tables.empty()) return;
        const auto& other = this->other();
        if (!other) {
            for (auto& [name, table] : tables)
                table.result.finding =
                    "the dump itself differs from what was recorded (one digest for the whole "
                    "table), and there is no other set to compare the rows with";
            return;
        }
        std::map<std::string, std::string> columns;
        read_tables(
            other->dump, input_.tools,
            [&](const std::string& name, const std::string& list) -> OnRow {
                columns[name] = list;
                return {};
            },
            stop_);
        Tables compared;
        for (auto& [name, table] : tables) {
            const auto found = columns.find(name);
            if (found == columns.end())
                table.result.finding = fmt::format(
                    "the dump itself differs from what was recorded, and set {} does not "
                    "have the table",
                    other->set);
            else if (found->second != columns_in_dump(name))
                table.result.finding = fmt::format(
                    "the dump itself differs from what was recorded, and the table has "
                    "other columns in set {}",
                    other->set);
            else
                compared.emplace(name, std::move(table));
        }
        for (auto& [name, table] : compared) {
            tables.erase(name);
            begin_search(table, compared.size());
            table.search->expect(table.recorded.digest);
        }
        for (bool more = !compared.empty(); more;) {
            read_side(other->dump, compared, Side::then);
            read_side(input_.dump, compared, Side::now);
            more = end_reading(compared);
        }
        for (auto& [name, table] : compared) {
            auto& result = table.result;
            result.rows = table.search->found();
            result.finding = fmt::format(
                "the dump itself differs from what was recorded; compared with set {}, {}",
                other->set,
                table.search->digest(Side::then) == table.recorded.digest
                    ? "which has the rows that were recorded"
                : result.rows.exact ? "these rows explain the whole difference"
                                    : "which was made at another time: the wrong rows may or may "
                                      "not be among those that differ");
        }
        tables.merge(compared);
    }

    /// Explains tables whose rows in the dump are the recorded ones, but not in the database.
    void explain_database(Tables& tables, std::size_t most) {
        Connection connection(*input_.restored, stop_);
        write_as_pg_dump(connection, input_.recorded.encoding);
        std::map<std::string, std::vector<std::string>> sql;
        for (const auto& table : dumped_tables(connection)) {
            const auto root = roots_.find(table.name);
            const auto& name = root == roots_.end() ? table.name : root->second;
            if (table.condition.empty() && same_.contains(name) && !mixed_.contains(name))
                sql[name].push_back(table.sql);
        }
        const auto copy = [&](const std::string& name, const OnRow& on_row) {
            std::int64_t rows = 0;
            for (const auto& table : sql.at(name)) rows += copy_table(connection, table, on_row);
            return rows;
        };
        for (const auto& [name, parts] : sql) {
            if (tables.size() >= most) break;
            const auto& then = recorded_.tables.at(name);
            RowDigester digester(input_.recorded.key);
            const auto rows = copy(name, [&](auto row) { digester.add(row); });
            if (rows != then.rows || !(digester.finish() == then.digest))
                tables.emplace(name, Searched{name, then, {}, {.table = name}});
        }
        for (auto& [name, table] : tables) {
            const auto columns = listed_names(columns_in_dump(name));
            if (!std::ranges::all_of(sql.at(name), [&](const auto& part) {
                    return columns_to_copy(connection, part) == columns;
                }))
                table.result.finding =
                    "it has other columns in the restored database than in the dump";
            else
                begin_search(table, tables.size());
        }
        const auto is_searched = [](const auto& table) { return table.second.search != nullptr; };
        for (bool more = std::any_of(tables.begin(), tables.end(), is_searched); more;) {
            read_side(input_.dump, tables, Side::then);
            for (auto& [name, table] : tables)
                // clang 14 does not capture structured bindings.
                if (auto* search = table.search.get())
                    copy(name, [search](auto row) { search->add(Side::now, row); });
            more = end_reading(tables);
        }
        for (auto& [name, table] : tables) {
            if (!table.result.finding.empty()) continue;
            table.result.rows = table.search->found();
            table.result.rows.exact = table.result.rows.all;
            table.result.finding =
                "the dump has the recorded rows, but the database that was restored from it has "
                "different ones";
        }
    }

    void begin_search(Searched& table, std::size_t tables) const {
        table.search =
            std::make_unique<RowSearch>(input_.recorded.key, table_of(table.name), budget / tables);
    }

    /// \return whether a table needs another pass
    static bool end_reading(Tables& tables) {
        bool more = false;
        for (auto& [name, table] : tables)
            if (table.search) more |= table.search->end_reading();
        return more;
    }

    void read_side(const dumps::StoredDump& dump, Tables& tables, Side side) const {
        read_tables(
            dump, input_.tools,
            [&](const std::string& name, const std::string&) -> OnRow {
                const auto found = tables.find(name);
                if (found == tables.end() || !found->second.search) return {};
                auto* search = found->second.search.get();
                return [search, side](auto row) { search->add(side, row); };
            },
            stop_);
    }

    const std::string& columns_in_dump(const std::string& name) const {
        return recorded_.tables.at(name).columns;
    }

    KeyedTable table_of(const std::string& name) const {
        return {listed_names(columns_in_dump(name)), primary_key_of(entries_, name)};
    }

    /// Returns the dump of a neighbouring set, which the first call fetches.
    const std::optional<OtherDump>& other() {
        if (!std::exchange(asked_, true) && input_.other) other_ = input_.other();
        return other_;
    }

    const ExplainInput& input_;
    const std::stop_token stop_;
    bool asked_ = false;
    std::optional<OtherDump> other_;
    std::vector<TocEntry> entries_;
    PartitionRoots roots_;
    Contents recorded_;  ///< under the names that the dump has, see by_root()
    std::set<std::string> mixed_;
    DumpedRows dump_;
    std::set<std::string> same_;  ///< tables whose rows in the dump are the recorded ones
};

}  // namespace

std::vector<ExplainedTable> explain_rows(const ExplainInput& input, std::stop_token stop) {
    return Explainer(input, std::move(stop)).run();
}

}  // namespace mastobak::postgres
