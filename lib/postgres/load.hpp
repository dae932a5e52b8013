// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "postgres/connection.hpp"
#include "postgres/dump_contents.hpp"
#include "postgres/tools.hpp"

/// Not for other folders.
namespace mastobak::postgres {

struct Load {
    std::filesystem::path dump;
    std::string owner;  ///< role that gets everything but extensions
    unsigned jobs = 2;
};

/// Called with entries done, of all, and the last one ("INDEX index_accounts_on_uri").
using OnEntry = std::function<void(std::size_t done, std::size_t of, std::string_view entry)>;

/// Runs pg_restore into an empty database: schemas as the owner, extensions as the role that
/// connects (most may be made by a superuser only), then all the rest as the owner, with several
/// jobs. Foreign keys are not there yet, and materialized views are empty.
/// \param settings of the new database
/// Throws Error{database} with the entry that failed and what PostgreSQL said, Error{cancelled}.
void load(const Settings& settings, const Tools& tools, const Load& what,
          const DumpContents& contents, const OnEntry& on_entry, std::stop_token stop);

/// Adds the foreign keys, with several jobs: quickest once the tables have been vacuumed.
/// Throws as load does.
void add_foreign_keys(const Settings& settings, const Tools& tools, const Load& what,
                      const DumpContents& contents, const OnEntry& on_entry, std::stop_token stop);

/// Fills the materialized views, in the order of the dump, since one may read another.
/// Throws as load does.
void fill_views(const Settings& settings, const Tools& tools, const Load& what,
                const DumpContents& contents, std::stop_token stop);

}  // namespace mastobak::postgres
