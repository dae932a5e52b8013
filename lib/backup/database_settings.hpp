// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "mastodon/instance.hpp"
#include "postgres/settings.hpp"

namespace mastobak::backup {

/// Where the database is and how it is reached, as Mastodon itself does it: `.env.production` and
/// DATABASE_URL with all of its parameters, then a service of PGSERVICE, then libpq's own variables
/// (PGSSLMODE, PGSSLROOTCERT, …), then what its user has in ~/.postgresql and ~/.pgpass. All of
/// that is overridden by `database:` of the configuration.
/// Throws Error{config} with file and line for what Mastodon's connection uses and mastobak cannot.
postgres::Settings database_settings(const config::Config& config,
                                     const mastodon::Instance& instance);

/// The same without `database:` of the configuration: Mastodon's own way.
postgres::Settings mastodons_settings(const mastodon::Instance& instance);

/// Where a URL of the command line leads: what it does not say is empty, and no password is in it.
/// \param url "postgresql://role@host:port/database?sslmode=require"
/// Throws Error{usage}: it cannot be read, names no role, or has a password, which every user of
/// this host could see.
postgres::Settings settings_of_url(const std::string& url);

/// Certificates, keys and passfiles have to be readable for pg_dump, too, which has none of our
/// capabilities. Throws Error{database} that names the first one that is not.
void check_files_of(const postgres::Settings& settings, std::stop_token stop);

}  // namespace mastobak::backup
