// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/check/check.hpp"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <utility>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "postgres/check/comparison.hpp"
#include "postgres/check/integrity_queries.hpp"
#include "postgres/dump/tables.hpp"
#include "postgres/inspect.hpp"
#include "postgres/restore/code_of_dump.hpp"
#include "postgres/restore/in_parallel.hpp"
#include "postgres/restore/new_database.hpp"
#include "postgres/restore/restore.hpp"
#include "postgres/restore/restore_login.hpp"
#include "postgres/restore/restore_target.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {
namespace {

constexpr std::size_t most_problems = 100;

class Checker {
 public:
    Checker(const Settings& settings, unsigned connections, const OnRestoreProgress& progress,
            std::stop_token stop)
        : settings_(settings),
          connections_(connections),
          progress_(progress),
          stop_(std::move(stop)) {}

    Check rows(const RowCounts& then) const {
        Check check{.name = "rows"};
        const auto now =
            count_rows(settings_, {.connections = connections_, .done = tell(check.name)}, stop_);
        check.figure =
            fmt::format("{}, {}", counted(now.size(), "table"), counted(total(now), "row"));
        for (auto& difference : row_differences(then, now))
            add_problem(check, std::move(difference));
        return check;
    }

    Check schema_version(const std::string& then) const {
        Check check{.name = "schema version"};
        Connection connection(settings_, stop_);
        check.figure = schema_version_of(connection);
        if (check.figure != then)
            add_problem(check, fmt::format("it is '{}', not '{}'", check.figure, then));
        return check;
    }

    /// Runs a list of queries as one check.
    /// \param noun what the queries check, in the plural: "foreign keys"
    Check ask(std::string name, std::string_view noun,
              const std::function<std::vector<IntegrityQuery>(Connection&, std::string& why_not)>&
                  questions_of) const {
        Check check{.name = std::move(name)};
        Connection connection(settings_, stop_);
        std::string why_not;
        const auto queries = questions_of(connection, why_not);
        check.figure = fmt::format("{} {}", queries.size(), noun);
        if (!why_not.empty()) {
            check.verdict = Verdict::skipped;
            check.figure = std::move(why_not);
            return check;
        }
        std::mutex mutex;
        const auto look = [&](Connection& worker, std::size_t i) {
            auto problem = answer(worker, queries[i]);
            if (problem.empty()) return;
            const std::lock_guard lock(mutex);
            add_problem(check, std::move(problem));
        };
        in_parallel(settings_,
                    {.items = queries.size(),
                     .connections = connections_,
                     .work = look,
                     .done = tell(check.name)},
                    stop_);
        return check;
    }

 private:
    /// Returns a description of the problem; empty if there is none.
    static std::string answer(Connection& connection, const IntegrityQuery& query) {
        try {
            // Read the tables without their indexes, as a damaged index may hide a problem.
            for (const auto* way : {"indexscan", "indexonlyscan", "bitmapscan"})
                connection.query(fmt::format("SET enable_{} = off", way));
            connection.query("SET enable_seqscan = on");
            const auto value = connection.value(query.sql);
            if (value.empty() || value == "0") return {};
            return fmt::format(
                "{}: {}", query.subject,
                query.one.empty() ? value : counted(std::stoull(value), query.one, query.several));
        } catch (const Error& error) {
            // PostgreSQL has found a damaged page, or amcheck a damaged index.
            if (error.code() != Errc::database) throw;
            return fmt::format("{}: {}", query.subject, error.text());
        }
    }

    std::function<void(std::size_t, std::size_t)> tell(const std::string& step) const {
        if (!progress_) return {};
        return [this, step](std::size_t done, std::size_t of) {
            progress_({.step = step, .done = done, .of = of, .item = {}});
        };
    }

    const Settings& settings_;
    const unsigned connections_;
    const OnRestoreProgress& progress_;
    const std::stop_token stop_;
};

/// Creates a role and an empty database, logs in as the restore will, and drops both. Only a real
/// login shows which roles may connect, and from where.
void try_to_log_in(const Settings& settings, const DumpedDatabase& dumped,
                   const RestoreOptions& options, const std::stop_token& stop) {
    const auto owner = options.owner.empty() ? owner_to_be(settings, dumped, stop) : options.owner;
    const bool owner_is_there = !Connection(settings, stop)
                                     .query("SELECT FROM pg_roles WHERE rolname = $1", {owner})
                                     .empty();
    const auto now = to_set_name(std::chrono::system_clock::now());
    RestoreLogin login(settings, options, owner, now, stop);
    if (login.owner_now() == owner && !owner_is_there) return;  // the restore creates it, or fails
    const NewDatabase database(settings, options.database, now, login.owner_now(), dumped);
    try {
        login.find_way(database.name(), stop);
    } catch (const Error& error) {
        // The restore tries last to log in as the owner, and it may have to create that role first.
        if (error.code() != Errc::database || owner_is_there) throw;
    }
}

}  // namespace

void add_problem(Check& check, std::string problem) {
    check.verdict = Verdict::bad;
    if (++check.problem_count <= most_problems) check.problems.push_back(std::move(problem));
}

std::vector<Check> checks_of(const Comparison& comparison) {
    const auto add_all = [](Check& check, const std::vector<std::string>& problems) {
        for (const auto& problem : problems) add_problem(check, readable(problem));
    };
    const auto& found = comparison.differences;
    Check rows{.name = "rows"}, sequences{.name = "sequences"}, schema{.name = "schema"};
    rows.figure =
        fmt::format("{}, {}", counted(comparison.tables, "table"), counted(comparison.rows, "row"));
    if (comparison.has_values)
        rows.figure += ", by value";
    else
        rows.figure += ", by number: " + comparison.no_values_because;
    sequences.figure = counted(comparison.sequences, "value");
    if (!comparison.has_values) {
        sequences.verdict = Verdict::skipped;
        sequences.figure = comparison.no_values_because;
    }
    schema.figure = counted(comparison.objects, "object");
    if (!comparison.has_objects) {
        schema.verdict = Verdict::skipped;
        schema.figure = comparison.no_objects_because;
    }
    if (!found.not_compared.empty())
        schema.figure +=
            fmt::format("; not compared: {}{}", readable(found.not_compared[0]),
                        found.not_compared.size() == 1
                            ? ""
                            : fmt::format(" and {} more", found.not_compared.size() - 1));
    add_all(rows, found.rows);
    add_all(sequences, found.sequences);
    add_all(schema, found.objects);
    return {rows, sequences, schema};
}

std::vector<Check> check_database(const Settings& settings, const DumpedDatabase& dumped,
                                  bool count, unsigned connections,
                                  const OnRestoreProgress& progress, std::stop_token stop) {
    // The queries call the functions of indexes, and so do later ones of a drill. Its database is
    // dropped afterwards, so the functions keep the search path.
    FunctionPaths paths(dumped);
    Connection owner(settings, stop);
    paths.set(owner, FunctionPaths::Of::database);
    const Checker checker(settings, connections, progress, std::move(stop));
    const auto foreign_keys = [](Connection& connection, std::string&) {
        return queries_of_foreign_keys(connection);
    };
    const auto unique_indexes = [](Connection& connection, std::string&) {
        return queries_of_unique_indexes(connection);
    };
    std::vector<Check> checks;
    if (count) checks.push_back(checker.rows(dumped.rows));
    checks.push_back(checker.schema_version(dumped.schema_version));
    checks.push_back(checker.ask("foreign keys", "foreign keys", foreign_keys));
    checks.push_back(checker.ask("unique indexes", "unique indexes", unique_indexes));
    checks.push_back(checker.ask("b-trees", "b-trees, with all rows", queries_of_b_trees));
    return checks;
}

void check_before_restore(const Settings& settings, const DumpedDatabase& dumped,
                          const RestoreOptions& options, std::stop_token stop) {
    Connection connection(settings, stop);
    check_server(connection, dumped);
    check_locale(connection, dumped);
    find_restore_tools(connection.server_major(), major_of(dumped.pg_dump_version),
                       options.bin_directory);
    check_is_free(connection, settings, options);
    if (!options.login) try_to_log_in(settings, dumped, options, stop);
}

}  // namespace mastobak::postgres
