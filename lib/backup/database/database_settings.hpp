// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "mastodon/instance.hpp"
#include "postgres/settings.hpp"

namespace mastobak::backup {

/// Returns how to connect to the database. The sources are the same as Mastodon's:
/// `.env.production` and DATABASE_URL with all its parameters, then the service file that PGSERVICE
/// names, then libpq's own variables (PGSSLMODE, PGSSLROOTCERT, …), then the files ~/.postgresql of
/// Mastodon's user. The section `database:` of the configuration overrides all of them.
///
/// A passfile comes from the configuration only, and is left out when check_destination() refuses
/// it.
/// Throws Error{config} with file and line when Mastodon's connection uses a setting that mastobak
/// does not support.
postgres::Settings database_settings(const config::Config& config,
                                     const mastodon::Instance& instance);

/// Does the same, but without the section `database:` of the configuration.
postgres::Settings mastodons_settings(const mastodon::Instance& instance);

/// Checks that the configuration names the server (database.host; database.port unless it is 5432)
/// when it names a passfile. Otherwise Mastodon's user, who writes `.env.production`, could choose
/// the server that gets the password.
/// \param settings result of database_settings()
/// Throws Error{config}.
void check_destination(const config::Config& config, const postgres::Settings& settings);

/// Parses a URL from the command line. Settings that the URL lacks stay empty.
/// \param url "postgresql://role@host:port/database?sslmode=require"
/// Throws Error{usage} when the URL cannot be parsed, names no role, or contains a password (every
/// user of this host could see it in the list of processes).
postgres::Settings settings_of_url(const std::string& url);

/// Checks that pg_dump can read the certificates, keys and passfiles of the settings. pg_dump runs
/// without the capabilities of mastobak.
/// Throws Error{database} that names the first unreadable file.
void check_files_of(const postgres::Settings& settings, std::stop_token stop);

}  // namespace mastobak::backup
