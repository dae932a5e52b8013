// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <future>
#include <optional>
#include <stop_token>
#include <string>

#include "postgres/connection.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/restore/comparison.hpp"
#include "postgres/restore/restore.hpp"
#include "postgres/tools.hpp"

/// Not for other folders.
namespace mastobak::postgres {

/// Compares a restored database with what was recorded when it was dumped: it reads the rows, and has
/// pg_dump read the schema, as the role that restores, and keeps nothing of that. Sets of before have no contents: the dump
/// says which objects there are to be, and the manifest how many rows.
class RestoredComparer {
 public:
    struct About {
        const DumpedDatabase& dumped;
        const DumpContents& contents;  ///< of the dump; it may change between the calls
        const RestoreOptions& options;
        int server_major = 0;
    };
    explicit RestoredComparer(const About& about) : about_(about) {}
    ~RestoredComparer();
    RestoredComparer(const RestoredComparer&) = delete;
    RestoredComparer& operator=(const RestoredComparer&) = delete;

    /// The dump itself with what was recorded. Before anything is restored.
    void compare_dump();
    /// Whether rows will be read, so that they need not be counted.
    bool reads_rows() const { return about_.dumped.contents.has_value(); }
    /// Rows that were counted, where they are not read.
    void take_counts(const RowCounts& counts);
    /// Reads the rows of a database that is not changed any more but for indexes and keys, in a
    /// thread of its own, until end_rows().
    /// \param way the database, as a role that may read all of it; outlives this
    /// \param role that it takes on; empty: none
    void begin_rows(const Settings& way, const std::string& role, const std::stop_token& stop);
    /// Throws Error{cancelled}, and Error{database} when the database cannot be read; not where the
    /// role may not.
    void end_rows();
    /// The schema, once all of it is made. Throws as end_rows().
    void compare_objects(const Settings& way, const std::string& role, const std::stop_token& stop);

    const Comparison& result() const { return result_; }
    /// Privileges that were restored without an error, and are not there.
    const std::vector<LeftOut>& lost_privileges() const { return lost_; }
    /// What could not be compared.
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
    Contents dump_;  ///< but for rows
    Comparison result_;
    std::vector<LeftOut> lost_{};
    std::stop_source both_;
    std::optional<std::stop_callback<std::function<void()>>> outside_{};
    std::future<Contents> rows_{};
    std::function<RowCounts()> count_{};
};

}  // namespace mastobak::postgres
