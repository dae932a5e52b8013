// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <future>
#include <utility>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "postgres/dump_contents.hpp"
#include "postgres/dump_offsets.hpp"
#include "postgres/load.hpp"
#include "postgres/names.hpp"
#include "postgres/new_database.hpp"
#include "postgres/restore_target.hpp"
#include "postgres/row_differences.hpp"
#include "postgres/tables.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {
namespace {

class Restore {
 public:
    Restore(const Settings& settings, const DumpedDatabase& dumped, const RestoreOptions& options,
            const OnRestoreProgress& progress, std::stop_token stop)
        : settings_(settings),
          dumped_(dumped),
          options_(options),
          progress_(progress),
          stop_(std::move(stop)),
          owner_(options.owner.empty() ? dumped.owner : options.owner),
          jobs_(std::max(2U, options.jobs)),
          began_(to_set_name(std::chrono::system_clock::now())) {}

    RestoredDatabase run() {
        const auto tools = preflight();
        const auto contents = read_contents(options_.dump, tools, stop_);
        look_for(contents.extension_names);
        NewDatabase database(settings_, options_.database, began_,
                             {owner_, dumped_.encoding, dumped_.collation, dumped_.ctype,
                              dumped_.locale_provider, dumped_.locale});
        add_data_offsets(options_.dump, stop_);
        load_into(database.settings(), tools, contents);
        const auto rows = vacuum_and_count(database.settings());
        if (options_.compare) compare(rows, database.settings());
        finish(database.settings(), tools, contents);
        if (options_.adapt) adapt(database.settings());
        auto result = put_in_place(database);
        result.tables = rows.size();
        result.rows = total(rows);
        if (contents.grants > 0)
            result.warnings.push_back(fmt::format(
                "{} grants to roles are in the dump and not restored", contents.grants));
        return result;
    }

 private:
    Tools preflight() {
        Connection connection(settings_, stop_);
        const std::stop_callback cancel(stop_, [&connection] { connection.cancel(); });
        check_server(connection, dumped_);
        check_locale(connection, dumped_);
        auto tools = find_restore_tools(connection.server_major(),
                                        major_of(dumped_.pg_dump_version), options_.bin_directory);
        check_roles(connection, owner_);
        check_target(connection, settings_, options_);
        return tools;
    }

    void look_for(const std::vector<std::string>& extensions) {
        Connection connection(settings_, stop_);
        check_extensions(connection, extensions);
    }

    void load_into(const Settings& database, const Tools& tools, const DumpContents& contents) {
        load(database, tools, {options_.dump, owner_, jobs_}, contents, entries_of("load"), stop_);
    }

    /// Statistics for the planner, what foreign keys are checked faster with, and the proof, in
    /// one go.
    RowCounts vacuum_and_count(const Settings& database) const {
        return count_rows(
            database,
            {.connections = jobs_,
             .role = owner_,
             .vacuum = true,
             .done = [this](std::size_t done, std::size_t of) { tell("check", done, of, ""); }},
            stop_);
    }

    /// Views beside foreign keys, which they have no need of: one view may take as long.
    void finish(const Settings& database, const Tools& tools, const DumpContents& contents) const {
        std::stop_source both;
        const std::stop_callback outside(stop_, [&both] { both.request_stop(); });
        auto views = std::async(std::launch::async, [&] {
            fill_views(database, tools, {options_.dump, owner_, 1}, contents, both.get_token());
        });
        try {
            add_foreign_keys(database, tools, {options_.dump, owner_, jobs_}, contents,
                             entries_of("foreign keys"), both.get_token());
        } catch (...) {
            both.request_stop();
            throw;
        }
        views.get();
    }

    void compare(const RowCounts& rows, const Settings& database) {
        auto differences = row_differences(dumped_.rows, rows);
        Connection connection(database, stop_);
        const auto version = schema_version_of(connection);
        if (version != dumped_.schema_version)
            differences.push_back(fmt::format("the schema is of version '{}', not '{}'", version,
                                              dumped_.schema_version));
        if (differences.empty()) return;
        const auto more =
            differences.size() > 1 ? fmt::format(" (and {} more)", differences.size() - 1) : "";
        throw Error(
            Errc::corrupt,
            fmt::format("the restored database is not what was dumped: {}{}", differences[0], more),
            "'mastobak verify' checks the set; restore an older one");
    }

    void adapt(const Settings& database) {
        Connection connection(database, stop_);
        const std::stop_callback cancel(stop_, [&connection] { connection.cancel(); });
        options_.adapt(connection);
    }

    RestoredDatabase put_in_place(NewDatabase& database) {
        // What can be undone ends here.
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "the restore was cancelled");
        RestoredDatabase result{.name = options_.database};
        Connection connection(settings_);
        if (database_exists(connection, options_.database))
            result.renamed = suffixed(options_.database, "before_" + began_);
        try {
            database.put_in_place(result.renamed);
        } catch (const Error& error) {
            throw Error(error.code(),
                        fmt::format("{}; the restored database is whole, as '{}'", error.text(),
                                    database.keep()),
                        error.hint());
        }
        return result;
    }

    OnEntry entries_of(const char* step) const {
        return [this, step](std::size_t done, std::size_t of, std::string_view entry) {
            tell(step, done, of, std::string(entry));
        };
    }

    void tell(const char* step, std::size_t done, std::size_t of, std::string item) const {
        if (progress_) progress_({step, done, of, std::move(item)});
    }

    const Settings& settings_;
    const DumpedDatabase& dumped_;
    const RestoreOptions& options_;
    const OnRestoreProgress& progress_;
    const std::stop_token stop_;
    const std::string owner_;
    const unsigned jobs_;
    const std::string began_;
};

}  // namespace

RestoredDatabase restore_database(const Settings& settings, const DumpedDatabase& dumped,
                                  const RestoreOptions& options, const OnRestoreProgress& progress,
                                  std::stop_token stop) {
    return Restore(settings, dumped, options, progress, std::move(stop)).run();
}

void check_before_restore(const Settings& settings, const DumpedDatabase& dumped,
                          const RestoreOptions& options, std::stop_token stop) {
    Connection connection(settings, stop);
    const std::stop_callback cancel(stop, [&connection] { connection.cancel(); });
    check_server(connection, dumped);
    check_locale(connection, dumped);
    find_restore_tools(connection.server_major(), major_of(dumped.pg_dump_version),
                       options.bin_directory);
    check_is_free(connection, settings, options);
}

int major_of(const std::string& version) {
    int major = 0;
    std::from_chars(version.data(), version.data() + version.size(), major);
    return major;
}

}  // namespace mastobak::postgres
