// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "postgres/connection.hpp"
#include "postgres/restore/restore.hpp"

/// Not for other folders.
namespace mastobak::postgres {

/// Who restores: a role that is made for one restore and removed with this, may do nothing but log
/// in, and owns what it loads until that is handed over. Where roles cannot be made, or no such
/// role is let in, it is the owner himself, or the role that connects if that is not a superuser.
class RestoreLogin {
 public:
    /// Throws Error{database}, Error{cancelled}.
    /// \param admin outlives this
    /// \param owner of the database, in the end
    /// \param time  a set's name for now
    RestoreLogin(const Settings& admin, const RestoreOptions& options, const std::string& owner,
                 const std::string& time, const std::stop_token& stop);
    ~RestoreLogin();
    RestoreLogin(const RestoreLogin&) = delete;
    RestoreLogin& operator=(const RestoreLogin&) = delete;

    /// The role that the new database is made for.
    const std::string& owner_now() const { return owner_now_; }
    /// Finds the way into the new database. Throws Error{database} when no role is let in; the
    /// hint says what helps.
    void find_way(const std::string& database, const std::stop_token& stop);
    /// Into that database. Only after find_way().
    const Settings& settings() const { return settings_; }
    /// That makes everything, where it is not the login; else empty.
    std::string role() const;
    /// Gives all that it owns there to the owner.
    /// \param database a connection of the admin
    void hand_over(Connection& database) const;

    /// Removes the roles of restores that were killed.
    static void drop_abandoned(Connection& admin);

 private:
    bool try_way(const Settings& way, const std::stop_token& stop);

    const Settings& admin_;
    const std::string owner_;
    std::string owner_now_, name_, password_;
    bool superuser_ = false;
    bool given_ = false;  ///< the login is the caller's
    Settings settings_;
    std::string why_not_;               ///< of the last way that was tried
    std::optional<Connection> holder_;  ///< of a lock: what a killed process leaves is known by it
};

}  // namespace mastobak::postgres
