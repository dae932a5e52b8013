// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>

#include "postgres/connection.hpp"

namespace mastobak::postgres {

/// Makes a role that may log in, unless there is one of that name: that one stays as it is.
/// \param settings as a role that may make others
/// \param password secret; only what the server keeps of it is sent. Empty: none
/// \return whether it was made
/// Throws Error{database}, Error{cancelled}.
bool make_role(const Settings& settings, const std::string& name, const std::string& password,
               std::stop_token stop);

}  // namespace mastobak::postgres
