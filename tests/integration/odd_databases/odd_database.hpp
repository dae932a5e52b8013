// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

namespace mastobak::test {

/// An unusual object of real databases, as SQL that a superuser runs.
///
/// «a» to «f» stand for its own quoted names, and «'a» for such a name in its schema, as a string
/// for a cast. «o» stands for an operator of its own, «S» for the schema, «R» for a role that may
/// own objects, and «Q» for a role that is only named.
struct OddKind {
    const char* name;
    const char* sql;
    int major = 14;  ///< the first major version of PostgreSQL that supports it
};

std::span<const OddKind> kinds_of_tables();
std::span<const OddKind> kinds_of_code();
std::span<const OddKind> kinds_of_servers();

/// A database that is odd, but sound: each finding of a drill is a false alarm.
struct OddDatabase {
    std::string options;  ///< options of CREATE DATABASE
    std::string owner;
    std::string sql;                 ///< makes its objects
    std::vector<std::string> kinds;  ///< names of the kinds of its objects
};

/// Returns the names of the roles that have to exist, without quotes.
std::vector<std::string> roles_of_odd_databases();

/// Returns a random database, which is always the same for the same seed and version.
/// \param major major version of the server
/// \param name  quoted name of the database, for its settings
OddDatabase odd_database(unsigned seed, int major, const std::string& name);

/// Returns a random database with the objects of one kind only, and without settings.
OddDatabase odd_database(unsigned seed, const OddKind& kind);

/// Returns the kinds that a major version of PostgreSQL supports.
std::vector<OddKind> all_kinds(int major);

}  // namespace mastobak::test
