// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

namespace mastobak::test {

/// Something that is in databases of admins and in no textbook, as SQL that a superuser runs.
///
/// «a» to «f» are names of its own, quoted, and «'a» such a name in its schema as a string for a
/// cast; «S» is the schema, «R» a role that may own things, «Q» one that is only named.
struct OddKind {
    const char* name;
    const char* sql;
    int major = 14;  ///< of the first PostgreSQL that knows it
};

std::span<const OddKind> kinds_of_tables();
std::span<const OddKind> kinds_of_code();
std::span<const OddKind> kinds_of_servers();

/// A database that is odd, but sound: what a drill finds in it is a false alarm.
struct OddDatabase {
    std::string options;  ///< of CREATE DATABASE
    std::string owner;
    std::string sql;                 ///< what is in it
    std::vector<std::string> kinds;  ///< that it is made of
};

/// Roles that have to be there for it: names, as they are.
std::vector<std::string> roles_of_odd_databases();

/// The same for the same seed and version.
/// \param major of the server that it is made on
/// \param name  of the database, quoted, for its settings
OddDatabase odd_database(unsigned seed, int major, const std::string& name);

}  // namespace mastobak::test
