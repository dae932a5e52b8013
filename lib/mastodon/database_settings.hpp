// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "mastodon/instance.hpp"

namespace mastobak::mastodon {

/// Where the database is, as config/database.yml of Mastodon computes it from the environment.
struct DatabaseSettings {
    /// A name, an address, or the absolute directory of the socket; may be empty.
    std::string host;
    std::uint16_t port = 5432;
    /// False when DB_PORT is set but empty; libpq then chooses the port.
    bool port_given = true;
    std::string name = "mastodon_production";
    std::string user = "mastodon";
    std::string password;  ///< a secret
    /// Further connection parameters of libpq ("sslmode", "sslrootcert") from DATABASE_URL,
    /// including any that libpq does not know, but without those of Rails.
    std::map<std::string, std::string> parameters;
};

/// Computes the settings. A URL takes precedence over DB_*. Does not read libpq's own variables
/// (PGSSLMODE, …).
/// \param unknowns an unknown variable is an error if it is needed; callers leave out variables
///                 that they do not need
/// Throws Error{config} for an invalid URL, and for an unknown that is needed.
DatabaseSettings database_settings(const Environment& environment, const Unknowns& unknowns = {});

/// Returns the name of the variable whose URL counts: PRIMARY_DATABASE_URL if it is set, otherwise
/// DATABASE_URL, as in Rails.
/// Source: Rails, ActiveRecord::DatabaseConfigurations
std::string database_url_name(const Environment& environment, const Unknowns& unknowns = {});

}  // namespace mastobak::mastodon
