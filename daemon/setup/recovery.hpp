// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "config/config.hpp"

/// The recovery file, as `mastobak setup` treats it.
namespace mastobak::daemon {

/// Checks an answer. A name of a file that begins neither with '/' nor like a key becomes an
/// absolute path.
/// \return the key for the configuration
/// Throws as check_age_key() does.
std::string checked_age_key(std::string answer);

/// Asks the user for the key until the answer is a key, or empty. Requires can_ask(). When `age` is
/// not installed, prints this and asks nothing.
/// \return the key for the configuration; empty: none
std::string asked_age_key();

/// Writes the recovery file if it is not up to date, and prints what is to be done with it. Without
/// a key in the configuration, lists the files that have to be kept elsewhere.
/// \param user the daemon's user
/// Throws as write_recovery_file() does.
void keep_recovery_file(const config::Config& config, const std::string& user);

}  // namespace mastobak::daemon
