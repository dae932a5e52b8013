// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/given_database.hpp"

/// Not for other folders.
namespace mastobak::postgres {

/// How a database is made.
struct DatabaseShape {
    std::string owner{};            ///< role
    std::string encoding{};         ///< this and the next two: empty is the server's own
    std::string collation{};        ///< LC_COLLATE
    std::string ctype{};            ///< LC_CTYPE; empty: the same
    std::string locale_provider{};  ///< "icu", "builtin"; empty: the C library
    std::string locale{};           ///< of that provider
};

/// A new database, made from template0. Dropped again, whatever is connected to it, unless it has
/// been put in place or kept. As long as this lives, a connection holds a lock in the database to
/// work from: what a killed process leaves is known by a lock that is free (drop_abandoned).
class NewDatabase {
 public:
    /// Throws Error{database}: the locale is not known to the server, the role may not make it, …
    /// \param settings of a database to work from, another one; outlives this
    /// \param target   of its future name; until then it has another one
    /// \param time     a set's name for now, to tell it from others; a later one is taken where
    ///                 there is a database of that time
    NewDatabase(const Settings& settings, const std::string& target, const std::string& time,
                const DatabaseShape& shape);
    /// One that is there and empty, of a role that may make none (is_given): it is filled where it
    /// is, and emptied again unless it has been put in place or kept.
    NewDatabase(const Settings& settings, const std::string& target);
    ~NewDatabase();
    NewDatabase(const NewDatabase&) = delete;
    NewDatabase& operator=(const NewDatabase&) = delete;

    const std::string& name() const { return name_; }
    /// The way into it.
    Settings settings() const;
    /// Leaves it there, under a name that says so. Returns the name.
    std::string keep() noexcept;

    /// Gives it the target's name, and one that has it the name `aside`, both at once or neither.
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

/// Takes a lock that only one of us can have at a time, until the connection ends.
/// \return whether it was free. Of one database to work from: such locks are those of the database
/// that one is connected to.
bool take_lock(Connection& connection, const std::string& name);

/// Is there a database of this name?
bool database_exists(Connection& connection, const std::string& name);

/// "puma (pid 123, user mastodon)" for each client of a database.
std::vector<std::string> clients_of(Connection& connection, const std::string& database);

}  // namespace mastobak::postgres
