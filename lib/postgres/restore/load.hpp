// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/process.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/restore/restore_output.hpp"
#include "postgres/tools.hpp"

/// Not for other folders.
namespace mastobak::postgres {

struct Load {
    std::filesystem::path dump;
    /// That makes everything, where the login is another role and a member of it; empty: the login.
    std::string role{};
    unsigned jobs = 2;
    int server_major = 0;  ///< 15; 0: not known
};

/// Runs pg_restore into a new database. All of its SQL is the set's: so the login is a role that
/// may do no more than the owner of the database, and never a superuser.
class Loader {
 public:
    /// \param settings of the new database, as that login; the first three outlive this
    Loader(const Settings& settings, const Tools& tools, const Load& what, std::stop_token stop)
        : settings_(settings), tools_(tools), what_(what), stop_(std::move(stop)) {}

    /// Restores entries with several jobs; the first error ends it.
    /// \param list    as in DumpContents
    /// \param options more of PGOPTIONS
    /// Throws Error{database} with the entry that failed and what PostgreSQL said,
    /// Error{cancelled}.
    void restore(const std::string& list, const OnEntry& on_entry = {},
                 std::string_view options = {}) const;

    /// Restores entries one after the other. What the login may not make, or what speaks of a role
    /// that is not there, is not an error, nor is what is made of it.
    /// \param entries   of the dump
    /// \param privileges whether GRANTs are among them
    /// \return the ids of those; throws as restore() does for others
    std::set<std::int64_t> restore_allowed(const std::string& list,
                                           const std::vector<TocEntry>& entries,
                                           bool privileges = false) const;

    /// Adds the foreign keys, with several jobs: quickest once the tables have been vacuumed.
    void add_foreign_keys(const std::string& list, const OnEntry& on_entry) const;

 private:
    Command pg_restore(unsigned jobs) const;
    Finished execute(Command& command, const std::string& list) const;

    const Settings& settings_;
    const Tools& tools_;
    const Load& what_;
    const std::stop_token stop_;
};

}  // namespace mastobak::postgres
