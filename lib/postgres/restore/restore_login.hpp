// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "postgres/connection.hpp"
#include "postgres/restore/restore.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

/// The role that loads a dump. Usually it is a temporary role, which the destructor drops: it may
/// only log in, and owns all loaded objects until hand_over(). If the admin's role may not create
/// roles, it loads the dump itself. If the temporary role cannot log in, the owner loads the dump.
/// RestoreOptions::login replaces all of this. A superuser never loads a dump.
class RestoreLogin {
 public:
    /// Creates the temporary role, if there is to be one.
    /// \param admin outlives this object
    /// \param owner the role that owns the database at the end
    /// \param time  the current time in the format of a set's name
    /// Throws Error{database}, Error{cancelled}.
    RestoreLogin(const Settings& admin, const RestoreOptions& options, const std::string& owner,
                 const std::string& time, const std::stop_token& stop);
    ~RestoreLogin();
    RestoreLogin(const RestoreLogin&) = delete;
    RestoreLogin& operator=(const RestoreLogin&) = delete;

    /// Returns the role that owns the new database until hand_over().
    const std::string& owner_now() const { return owner_now_; }
    /// Finds settings by which the role can log in to the new database, by trying them.
    /// Throws Error{database} with a hint when none works, Error{cancelled}.
    void find_way(const std::string& database, const std::stop_token& stop);
    /// Returns the settings to connect to that database. Call find_way() before.
    const Settings& settings() const { return settings_; }
    /// Returns the role for SET ROLE that creates all objects; empty if the login creates them.
    std::string role() const;
    /// Changes the owner of all objects of the temporary role in a database to the final owner.
    /// \param database a connection of the admin
    void hand_over(Connection& database) const;

    /// Drops the roles of restores that were killed.
    static void drop_abandoned(Connection& admin);

 private:
    bool try_way(const Settings& way, const std::stop_token& stop);

    const Settings& admin_;
    const std::string owner_;
    std::string owner_now_, name_, password_;
    bool superuser_ = false;
    bool given_ = false;  ///< the login is the caller's
    Settings settings_;
    std::string why_not_;               ///< reason of the last way that was tried
    std::optional<Connection> holder_;  ///< holds the lock that drop_abandoned() checks
};

}  // namespace mastobak::postgres
