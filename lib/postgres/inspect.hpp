// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "postgres/connection.hpp"

namespace mastobak::postgres {

/// An extension of the database.
struct Extension {
    std::string name;
    std::string version;

    bool operator==(const Extension&) const = default;
};

/// What a preflight learns of a database.
struct DatabaseFacts {
    int server_version = 0;  ///< 150006
    std::string server_version_text;
    Bytes size;
    std::string schema_version;  ///< the largest schema_migrations.version; empty if no such table
    std::string encoding;
    std::string collation;                   ///< LC_COLLATE
    std::string ctype;                       ///< LC_CTYPE
    std::string locale_provider;             ///< "icu", "builtin"; empty: the C library
    std::string locale;                      ///< of that provider
    std::string owner;                       ///< role
    std::vector<Extension> extensions{};     ///< but plpgsql, which every database has
    std::vector<std::string> tablespaces{};  ///< that the database or something in it is in
    std::vector<std::string> notes{};        ///< what a dump leaves out without a fault
};

/// Looks at a database that is to be dumped, and asks all that will stop pg_dump later
/// (obstacles.hpp).
/// Throws Error{database}.
DatabaseFacts inspect(Connection& connection);

/// The largest schema_migrations.version; empty if there is no such table.
std::string schema_version_of(Connection& connection);

}  // namespace mastobak::postgres
