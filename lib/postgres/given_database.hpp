// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>

#include "postgres/connection.hpp"

/// Databases that a hosting provider has created, where our role may not create one itself.
/// Internal to postgres/.
namespace mastobak::postgres {

/// Returns whether a restore has to fill an existing database: the role of the connection may
/// create neither databases nor roles, it owns this database, and the database has no relations
/// but those of extensions. Throws Error{database}.
bool is_given(Connection& connection, const Settings& settings, const std::string& database);

/// Returns whether a database has no relations but those of extensions. Throws Error{database}.
bool is_empty(Settings settings, const std::string& database);

/// Records the objects in a given database, so that a failed restore can drop all objects that it
/// has added. The database itself cannot be dropped, as our role could not create it again.
class GivenDatabase {
 public:
    /// Records the objects that are in the database now.
    /// \param settings settings of this database
    /// Throws Error{database}.
    explicit GivenDatabase(const Settings& settings);

    /// Drops all objects that were added since then, as far as the role may. Ignores failures.
    void restore() const noexcept;

 private:
    const Settings settings_;
    std::set<std::string> before_;
};

}  // namespace mastobak::postgres
