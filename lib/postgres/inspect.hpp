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

/// Facts about a database that the preflight collects.
struct DatabaseFacts {
    int server_version = 0;  ///< 150006
    std::string server_version_text;
    Bytes size;
    std::string schema_version;  ///< the largest schema_migrations.version; empty if no such table
    std::string encoding;
    std::string collation;                   ///< LC_COLLATE
    std::string ctype;                       ///< LC_CTYPE
    std::string locale_provider;             ///< "icu", "builtin"; empty: the C library
    std::string locale;                      ///< the provider's name of the locale
    std::string owner;                       ///< role
    std::vector<Extension> extensions{};     ///< all but plpgsql, which every database has
    std::vector<std::string> tablespaces{};  ///< those of the database and of its relations
    std::vector<std::string> notes{};        ///< data that no dump contains (foreign tables),
                                             ///< functions that a restore cannot always call
};

/// Collects the facts about a database that is to be dumped, and first checks for everything that
/// would make pg_dump fail later (obstacles.hpp).
/// Throws Error{database}.
DatabaseFacts inspect(Connection& connection);

/// Returns the largest schema_migrations.version; empty if there is no such table.
std::string schema_version_of(Connection& connection);

/// Facts that a restore on another server needs, but that a dump does not contain.
struct Recorded {
    std::vector<std::string> roles{};     ///< roles that own objects or are named in privileges
    std::vector<std::string> settings{};  ///< statements: ALTER DATABASE, ALTER ROLE … SET
};

/// Reads these facts from the database of the connection.
/// \param role Mastodon's role, whose own settings are recorded, too
/// Throws Error{database}, Error{cancelled}.
Recorded record(Connection& connection, const std::string& role);

}  // namespace mastobak::postgres
