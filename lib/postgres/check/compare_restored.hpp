// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <future>
#include <optional>
#include <stop_token>
#include <string>

#include "postgres/check/comparison.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/restore/restore.hpp"
#include "postgres/tools.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

/// Compares a restored database with the record that was made when it was dumped. It reads all
/// rows, and reads the schema by pg_dump, both as the role that restores. For a set of an older
/// mastobak,
/// which has no recorded contents, it takes the expected objects from the dump and the expected
/// numbers of rows from the manifest.
class RestoredComparer {
 public:
    struct About {
        const DumpedDatabase& dumped;
        const DumpContents& contents;  ///< contents of the dump; may change between the calls
        const RestoreOptions& options;
        int server_major = 0;
    };
    explicit RestoredComparer(const About& about) : about_(about) {}
    ~RestoredComparer();
    RestoredComparer(const RestoredComparer&) = delete;
    RestoredComparer& operator=(const RestoredComparer&) = delete;

    /// Compares the dump itself with the record. Call it before anything is restored.
    void compare_dump();
    /// Returns whether begin_rows() reads the rows. If so, the caller need not count them.
    bool reads_rows() const { return about_.dumped.contents.has_value(); }
    /// Compares row counts of the caller, where the rows are not read.
    void take_counts(const RowCounts& counts);
    /// Starts to read the rows in another thread; end_rows() waits for it. Until then, the caller
    /// may only add indexes and keys to the database.
    /// \param way  settings of a role that may read the whole database; has to outlive this object
    /// \param role role for SET ROLE; empty: none
    void begin_rows(const Settings& way, const std::string& role, const std::stop_token& stop);
    /// Waits for the rows and compares them. If the role may not read all rows, the result says so
    /// instead of an error. Throws Error{cancelled}, Error{database}.
    void end_rows();
    /// Ignores the definitions of these tables and domains ("public.x"), because their checks could
    /// not be validated. Call it before compare_objects().
    void compare_by_name(std::set<std::string> names) { by_name_ = std::move(names); }
    /// Compares the schema. Call it when all objects are created. Throws as end_rows() does.
    void compare_objects(const Settings& way, const std::string& role, const std::stop_token& stop);

    const Comparison& result() const { return result_; }
    /// Returns the privileges that were restored without an error and are missing nevertheless, and
    /// the comments of extensions that differ.
    const std::vector<LeftOut>& lost() const { return lost_; }
    /// Returns a warning for each part that could not be compared.
    std::vector<std::string> warnings() const;
    /// Throws Error{corrupt} that names the first difference.
    void refuse_differences() const;

 private:
    void find_tools();
    unsigned connections() const;
    std::set<std::string> absent() const;
    void compare_row_counts(const RowCounts& counts);
    Definitions how_definitions(const std::string& server_version) const;

    const About about_;
    std::optional<Tools> tools_{};
    Contents dump_;  ///< contents of the dump, without rows
    Comparison result_;
    std::vector<LeftOut> lost_{};
    std::set<std::string> by_name_{};
    std::stop_source both_;
    std::optional<std::stop_callback<std::function<void()>>> outside_{};
    std::future<Contents> rows_{};
    std::function<RowCounts()> count_{};
};

}  // namespace mastobak::postgres
