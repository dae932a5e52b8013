// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/process/process.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/restore/restore_output.hpp"
#include "postgres/tools.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

struct Load {
    std::filesystem::path dump;
    /// The role that creates all objects (SET ROLE), if it is not the login. The login is a member
    /// of it. Empty: the login itself creates them.
    std::string role{};
    unsigned jobs = 2;
    int server_major = 0;  ///< 15; 0: not known
};

/// Runs pg_restore into a new database. The SQL comes from the set and is not trusted, so the login
/// is never a superuser, and may do no more than the owner of the database.
class Loader {
 public:
    /// \param settings settings of the new database, for the restore login
    /// The first three parameters have to outlive this object.
    Loader(const Settings& settings, const Tools& tools, const Load& what, std::stop_token stop)
        : settings_(settings), tools_(tools), what_(what), stop_(std::move(stop)) {}

    /// Restores entries with several jobs. The first error ends the restore.
    /// \param list    ids, as in DumpContents
    /// \param options appended to PGOPTIONS
    /// Throws Error{database} with the entry that failed and PostgreSQL's message,
    /// Error{cancelled}.
    void restore(const std::string& list, const OnEntry& on_entry = {},
                 std::string_view options = {}) const;

    /// Restores entries one after the other. It skips an entry that the login may not create, an
    /// entry that refers to a missing role, and all entries that depend on a skipped one.
    /// \param entries    all entries of the dump
    /// \param privileges whether GRANTs are among the listed ones
    /// \return the ids of the skipped entries
    /// Throws as restore() does for any other failure.
    std::set<std::int64_t> restore_allowed(const std::string& list,
                                           const std::vector<TocEntry>& entries,
                                           bool privileges = false) const;

    /// Adds the foreign keys with several jobs. This is fastest after the tables were vacuumed.
    void add_foreign_keys(const std::string& list, const OnEntry& on_entry) const;

 private:
    RestoreCall call_of(const std::string& list, unsigned jobs) const;
    Command command_of(const RestoreCall& call) const;
    Finished execute(const RestoreCall& call) const;

    const Settings& settings_;
    const Tools& tools_;
    const Load& what_;
    const std::stop_token stop_;
};

}  // namespace mastobak::postgres
