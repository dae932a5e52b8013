// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/restore.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "postgres/check/compare_restored.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/dump/tables.hpp"
#include "postgres/given_database.hpp"
#include "postgres/inspect.hpp"
#include "postgres/names.hpp"
#include "postgres/restore/code_of_dump.hpp"
#include "postgres/restore/extension_tables.hpp"
#include "postgres/restore/load.hpp"
#include "postgres/restore/new_database.hpp"
#include "postgres/restore/owners.hpp"
#include "postgres/restore/restore_login.hpp"
#include "postgres/restore/restore_output.hpp"
#include "postgres/restore/restore_target.hpp"

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
          began_(to_set_name(std::chrono::system_clock::now())),
          extension_paths_(dumped) {}

    RestoredDatabase run() {
        const auto tools = preflight();
        run_as_user(settings_.system_user,
                    [this] { contents_ = sort_contents(read_toc(options_.dump)); });
        look_for(contents_.extensions);
        RestoreLogin login(settings_, options_, owner_, began_, stop_);
        std::optional<NewDatabase> place;
        if (given_)
            place.emplace(settings_, options_.database);
        else
            place.emplace(settings_, options_.database, began_, login.owner_now(), dumped_);
        auto& database = *place;
        login.find_way(database.name(), stop_);
        const auto& way = login.settings();
        if (!way.system_user.empty()) give_to_user(options_.dump, way.system_user);
        // This reads the whole dump. Meanwhile the definitions are created, which need no offsets.
        auto offsets = std::async(std::launch::async, [&] {
            run_as_user(way.system_user, [this] { add_data_offsets(options_.dump, stop_); });
        });
        make_extensions(way, database.settings(), login.role());
        CodeOfDump code(way, login.role(), dumped_, stop_);
        make_definitions(way, tools, login.role(), code);
        code.drop_checks();
        offsets.get();
        load(way, tools, login.role(), code);
        RestoredComparer comparer({dumped_, contents_, options_, server_major_});
        comparer.compare_dump();
        comparer.compare_by_name(code.changed());
        vacuum(way, login.role(), comparer);
        if (options_.compare) check_schema_version(way);
        if (options_.compare) comparer.refuse_differences();
        finish(way, tools, login.role(), code);
        comparer.end_rows();
        if (options_.compare) comparer.refuse_differences();
        if (options_.adapt) adapt(way, login.role());
        make_last(way, tools, login.role());
        code.reset_paths();
        kept_ = code.not_valid();
        comparer.compare_by_name(code.changed());
        comparer.compare_objects(way, login.role(), stop_);
        if (options_.compare) comparer.refuse_differences();
        hand_over(login, database.settings());
        auto result = put_in_place(database);
        result.owner = owner_;
        result.comparison = comparer.result();
        const auto& lost = comparer.lost();
        kept_.insert(kept_.end(), lost.begin(), lost.end());
        for (auto& warning : comparer.warnings()) warnings_.push_back(std::move(warning));
        result.tables = result.comparison.tables;
        result.rows = result.comparison.rows;
        report(result);
        return result;
    }

 private:
    Tools preflight() {
        Connection connection(settings_, stop_);
        server_major_ = connection.server_major();
        check_server(connection, dumped_);
        check_locale(connection, dumped_);
        auto tools = options_.tools ? *options_.tools
                                    : find_restore_tools(connection.server_major(),
                                                         major_of(dumped_.pg_dump_version),
                                                         options_.bin_directory);
        given_ = is_given(connection, settings_, options_.database);
        if (given_) {
            auto target = settings_;
            target.database = options_.database;
            check_shape(target, dumped_, warnings_);
        } else {
            check_roles(connection, owner_);
            check_target(connection, settings_, options_);
        }
        return tools;
    }

    void look_for(const std::vector<DumpContents::Extension>& extensions) {
        Connection connection(settings_, stop_);
        std::vector<std::string> names;
        for (const auto& extension : extensions) names.push_back(extension.name);
        check_extensions(connection, names);
    }

    /// Creates the extensions while the database is still empty, so that no code of the dump can
    /// interfere with the script of an extension.
    void make_extensions(const Settings& way, const Settings& as_admin, const std::string& role) {
        {
            ConnectionAs connection(way, role, stop_);
            for (const auto& schema : contents_.schemas)
                connection.query("CREATE SCHEMA IF NOT EXISTS " + sql_name(schema));
        }
        auto with_public = as_admin;
        with_public.search_path = "\"$user\", public";  // the default, without code of others yet
        refuse(extensions_not_made(with_public));
        Connection connection(as_admin, stop_);
        // A drill keeps these paths, as it checks the indexes later.
        extension_paths_.set(connection, FunctionPaths::Of::extensions);
        extension_tables_.let_load(connection, role.empty() ? way.user : role);
        if (options_.prepare) options_.prepare(connection);
    }

    std::set<std::int64_t> extensions_not_made(const Settings& as_admin) const {
        Connection connection(as_admin, stop_);
        std::set<std::int64_t> result;
        for (const auto& extension : contents_.extensions)
            if (!make_extension(connection, extension)) result.insert(extension.id);
        return result;
    }

    /// \return false if the role of the connection is not a superuser and may not create it, or if
    /// the server has to load its library at start (shared_preload_libraries)
    static bool make_extension(Connection& connection, const DumpContents::Extension& extension) {
        const auto& [name, schema, id] = extension;
        try {
            // In a transaction, so that no schema stays without its extension.
            connection.query("BEGIN");
            if (!schema.starts_with("pg_"))
                connection.query("CREATE SCHEMA IF NOT EXISTS " + sql_name(schema));
            connection.query(fmt::format("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {}",
                                         sql_name(name), sql_name(schema)));
            connection.query("COMMIT");
            return true;
        } catch (const Error& error) {
            const bool preloaded =
                error.text().find("shared_preload_libraries") != std::string::npos;
            if (error.code() != Errc::database || !(preloaded || is_of_rights(error.text()))) throw;
            connection.query("ROLLBACK");
            return false;
        }
    }

    void make_definitions(const Settings& way, const Tools& tools, const std::string& role,
                          CodeOfDump& code) {
        const Load what{options_.dump, role, 1, server_major_};
        const Loader loader(way, tools, what, stop_);
        // refuse() sorts the contents again, but into as many lists.
        for (std::size_t i = 0; i < contents_.definitions.size(); ++i) {
            refuse(loader.restore_allowed(contents_.definitions[i], contents_.entries));
            code.set_paths();
        }
    }

    void load(const Settings& way, const Tools& tools, const std::string& role,
              CodeOfDump& code) const {
        const Load what{options_.dump, role, jobs_, server_major_};
        const Loader loader(way, tools, what, stop_);
        loader.restore(contents_.rest, entries_of("load"));
        code.load_late_rows(loader, contents_);
        loader.restore(contents_.late);
    }

    /// Vacuums and analyzes the tables, which makes the check of foreign keys faster. Also starts
    /// to read the rows for the comparison (comparer.end_rows() waits for that), or counts them.
    void vacuum(const Settings& way, const std::string& role, RestoredComparer& comparer) const {
        if (comparer.reads_rows()) comparer.begin_rows(way, role, stop_);
        const auto counts = count_rows(
            way,
            {.connections = jobs_,
             .role = role,
             .vacuum = true,
             .count = !comparer.reads_rows(),
             .done = [this](std::size_t done, std::size_t of) { tell("check", done, of, ""); }},
            stop_);
        if (!comparer.reads_rows()) comparer.take_counts(counts);
    }

    /// Creates what calls functions, such as the rows of materialized views, at the same time as it
    /// adds the foreign keys. Neither needs the other, and one view may take as long as all keys.
    void finish(const Settings& way, const Tools& tools, const std::string& role,
                CodeOfDump& code) {
        std::stop_source both;
        const std::stop_callback outside(stop_, [&both] { both.request_stop(); });
        const Load several{options_.dump, role, jobs_, server_major_};
        auto refused =
            std::async(std::launch::async, [&] { return code.make(contents_, both.get_token()); });
        try {
            Loader(way, tools, several, both.get_token())
                .add_foreign_keys(contents_.foreign_keys, entries_of("foreign keys"));
        } catch (...) {
            both.request_stop();
            throw;
        }
        refuse(refused.get());
    }

    void make_last(const Settings& way, const Tools& tools, const std::string& role) {
        const Load what{options_.dump, role, 1, server_major_};
        const Loader loader(way, tools, what, stop_);
        refuse(loader.restore_allowed(contents_.last, contents_.entries));
        if (options_.grants)
            refuse(loader.restore_allowed(contents_.grants, contents_.entries, true));
    }

    void refuse(const std::set<std::int64_t>& ids) {
        if (ids.empty()) return;
        refused_.insert(ids.begin(), ids.end());
        contents_ = sort_contents(std::move(contents_.entries), refused_);
    }

    void hand_over(const RestoreLogin& login, const Settings& as_admin) {
        Connection connection(as_admin, stop_);
        login.hand_over(connection);
        if (options_.login) return;  // a drill drops the database anyway
        extension_tables_.revoke(connection);
        const bool superuser =
            connection.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "t";
        extension_paths_.reset(connection);
        const auto not_given = give_to_owners(connection, contents_, dumped_, owner_, superuser);
        kept_.insert(kept_.end(), not_given.begin(), not_given.end());
        const auto& user = dumped_.mastodon_role;
        if (!user.empty() && user != owner_ && let_use(connection, user))
            warnings_.push_back(fmt::format(
                "Mastodon's role '{}' does not own all tables: it was granted the use of them",
                user));
    }

    void report(RestoredDatabase& result) {
        result.warnings = std::move(warnings_);
        if (!dumped_.owner.empty() && owner_ != dumped_.owner)
            result.warnings.push_back(
                fmt::format("the database belonged to role '{}', and belongs to '{}' now",
                            dumped_.owner, owner_));
        if (!contents_.tablespaces.empty())
            result.warnings.push_back(
                fmt::format("the objects of the tablespaces {} are in the default tablespace now",
                            fmt::join(contents_.tablespaces, ", ")));
        result.left_out = std::move(contents_.left_out);
        result.left_out.insert(result.left_out.end(), kept_.begin(), kept_.end());
        result.tables_left_out = contents_.tables_left_out;
        result.settings = contents_.settings;
    }

    void check_schema_version(const Settings& database) const {
        Connection connection(database, stop_);
        const auto version = schema_version_of(connection);
        if (version == dumped_.schema_version) return;
        throw Error(Errc::corrupt,
                    fmt::format("the restored database is not what was dumped: the schema is of "
                                "version '{}', not '{}'",
                                version, dumped_.schema_version),
                    "'mastobak verify' checks the set; restore an older one");
    }

    void adapt(const Settings& database, const std::string& role) {
        ConnectionAs connection(database, role, stop_);
        options_.adapt(connection);
    }

    RestoredDatabase put_in_place(NewDatabase& database) {
        // From here on, the restore cannot be undone.
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "the restore was cancelled");
        RestoredDatabase result{.name = options_.database};
        Connection connection(settings_);
        if (!given_ && database_exists(connection, options_.database))
            result.renamed = suffixed(options_.database, "before_" + began_);
        try {
            database.put_in_place(result.renamed);
        } catch (const Error& error) {
            throw Error(error.code(),
                        fmt::format("{}; the restored database is complete, as '{}'", error.text(),
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
    FunctionPaths extension_paths_;
    ExtensionTables extension_tables_{};
    int server_major_ = 0;
    bool given_ = false;  ///< fills the existing empty database of a provider
    DumpContents contents_{};
    std::set<std::int64_t> refused_{};
    std::vector<LeftOut> kept_{};
    std::vector<std::string> warnings_{};
};

}  // namespace

RestoredDatabase restore_database(const Settings& settings, const DumpedDatabase& dumped,
                                  const RestoreOptions& options, const OnRestoreProgress& progress,
                                  std::stop_token stop) {
    return Restore(settings, dumped, options, progress, std::move(stop)).run();
}

std::string owner_to_be(const Settings& settings, const DumpedDatabase& dumped,
                        std::stop_token stop) {
    Connection connection(settings, std::move(stop));
    const auto is_superuser = [&connection](const std::string& role) {
        return !connection.query("SELECT FROM pg_roles WHERE rolname = $1 AND rolsuper", {role})
                    .empty();
    };
    auto wanted = dumped.owner;
    if (!dumped.mastodon_role.empty() &&
        (wanted.empty() || wanted == "postgres" || is_superuser(wanted)))
        wanted = dumped.mastodon_role;
    const auto rows = connection.query(
        "SELECT rolname, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user");
    const bool there =
        !connection.query("SELECT FROM pg_roles WHERE rolname = $1", {wanted}).empty();
    return there || rows.at(0)[1] == "t" ? wanted : rows.at(0)[0].value_or("");
}

int major_of(const std::string& version) {
    return leading_number<int>(version);
}

}  // namespace mastobak::postgres
