// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/restore/load.hpp"
#include "postgres/restore/restore.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

/// Gives functions a search path of their own for a while. pg_restore, and servers from version 17
/// on when they build an index, call functions without the search path of the database, and many
/// functions find their tables and other functions only by it.
class FunctionPaths {
 public:
    /// Uses the search path that Mastodon's role has in the dumped database, and after it `public`.
    explicit FunctionPaths(const DumpedDatabase& dumped);

    enum class Of { database, extensions };
    /// Gives the path to all functions of the connection's role that do not set one.
    void set(Connection& connection, Of which);
    /// Takes the path from these functions again.
    void reset(Connection& connection);

 private:
    std::string path_;
    std::vector<std::string> functions_{};
};

/// The objects of a dump that call functions while they are created: checks, indexes, generated
/// columns, and the rows of materialized views. Such a function may read other tables, or fail on
/// the rows of today.
class CodeOfDump {
 public:
    /// \param way  settings of the new database, for the restore login; has to outlive this object
    /// \param role as for Load
    CodeOfDump(const Settings& way, std::string role, const DumpedDatabase& dumped,
               std::stop_token stop);

    /// Sets the search paths of the functions that exist. Throws Error{database}, Error{cancelled}.
    void set_paths();
    /// Drops the checks that call functions. To be called before the rows are loaded.
    /// Throws Error{database}, Error{cancelled}.
    void drop_checks();

    /// Loads the late rows of the dump. A generated column whose function fails becomes an ordinary
    /// column without values. Throws as Loader::restore() does for any other failure.
    void load_late_rows(const Loader& loader, const DumpContents& contents);

    /// To be called after the rows were loaded. Adds the checks again, then creates the entries.
    /// \return the ids of the entries that could not be created, because their code failed
    /// Throws Error{database} for any other failure, such as a unique index with duplicate keys;
    /// Error{cancelled}.
    std::set<std::int64_t> make(const DumpContents& contents, const std::stop_token& stop);

    /// Takes the search paths from the functions again. Throws Error{database}, Error{cancelled}.
    void reset_paths();

    /// Returns statements for the checks that exist, but that do not hold for all rows, and for the
    /// columns that are not generated any more.
    const std::vector<LeftOut>& not_valid() const { return not_valid_; }
    /// Returns the tables and domains with such a check or column, which pg_dump writes differently
    /// now: "public.accounts".
    const std::set<std::string>& changed() const { return changed_; }

 private:
    struct LateCheck {
        std::string name;      ///< "CHECK CONSTRAINT public.t x"
        std::string target;    ///< "TABLE public.t", with quotes where needed
        std::string add;       ///< statement, with NOT VALID
        std::string validate;  ///< statement
        std::string comment;   ///< statement; empty: there is no comment
    };

    void add_checks(Connection& connection);
    bool make_ordinary(const TocEntry& rows);
    void note_changed(Connection& connection, const LateCheck& check);

    const Settings& way_;
    const std::string role_;
    const std::stop_token stop_;
    FunctionPaths paths_;
    std::vector<LateCheck> checks_{};
    std::vector<LeftOut> not_valid_{};
    std::set<std::string> changed_{};
};

}  // namespace mastobak::postgres
