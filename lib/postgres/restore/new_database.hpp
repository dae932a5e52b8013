// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/given_database.hpp"
#include "postgres/restore/restore.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

/// A new database, created from template0. The destructor drops it, even if other sessions are
/// connected to it, unless put_in_place() or keep() was called. As long as this object lives, a
/// connection holds an advisory lock in the maintenance database. drop_abandoned() recognises the
/// database of a killed process by its free lock.
class NewDatabase {
 public:
    /// Creates the database under a temporary name.
    /// \param settings settings of a maintenance database, not of the target; has to outlive this
    ///                 object
    /// \param target   the name that put_in_place() gives it
    /// \param time     the current time in the format of a set's name, which becomes part of the
    ///                 temporary name; a later time is used if that name is taken
    /// \param owner    the role that owns it
    /// \param dumped   what it is made like; the server's defaults are used for what is empty there
    /// Throws Error{database}: the server does not know the locale, the role may not create it, …
    NewDatabase(const Settings& settings, const std::string& target, const std::string& time,
                const std::string& owner, const DumpedDatabase& dumped);
    /// Uses an existing empty database, where the role may not create one (is_given). The restore
    /// fills it in place. The destructor empties it again, unless put_in_place() or keep() was
    /// called.
    NewDatabase(const Settings& settings, const std::string& target);
    ~NewDatabase();
    NewDatabase(const NewDatabase&) = delete;
    NewDatabase& operator=(const NewDatabase&) = delete;

    const std::string& name() const { return name_; }
    /// Returns the settings to connect to the new database.
    Settings settings() const;
    /// Keeps the database, so that the destructor does not drop it, and renames it accordingly.
    /// \return its name
    std::string keep() noexcept;

    /// Renames the new database to the target's name, and an existing one of that name to `aside`,
    /// in one transaction.
    /// Throws Error{database} when another session is connected to the target.
    void put_in_place(const std::string& aside);

 private:
    const Settings& settings_;
    Connection holder_;
    const std::string target_, time_;
    const std::string name_;
    std::optional<GivenDatabase> given_{};
    bool kept_ = false;
};

/// Takes an advisory lock, which the session holds until the connection ends. Processes see each
/// other's lock only if they are connected to the same database.
/// \return whether the lock was free
bool take_lock(Connection& connection, const std::string& name);

/// Returns whether a database of this name exists.
bool database_exists(Connection& connection, const std::string& name);

/// Returns "puma (pid 123, user mastodon)" for each client of a database.
std::vector<std::string> clients_of(Connection& connection, const std::string& database);

}  // namespace mastobak::postgres
