// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/connection.hpp"

namespace mastobak::postgres {

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
