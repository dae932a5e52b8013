// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/connection.hpp"

namespace mastobak::postgres {

/// What a dump of a database does not have, and a restore on another server needs.
struct Recorded {
    std::vector<std::string> roles{};     ///< that own something there, or are named in privileges
    std::vector<std::string> settings{};  ///< statements: ALTER DATABASE, ALTER ROLE … SET
};

/// \param role whose settings count, too: Mastodon's
/// Throws Error{database}, Error{cancelled}.
Recorded record(Connection& connection, const std::string& role);

}  // namespace mastobak::postgres
