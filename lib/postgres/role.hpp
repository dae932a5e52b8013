// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>

#include "postgres/connection.hpp"

namespace mastobak::postgres {

enum class RoleMade { made, was_there, not_allowed };

/// Makes a role that may log in, unless there is one of that name: that one stays as it is. One
/// that makes it without being a superuser becomes a member of it, so as to make things for it.
/// \param settings as a role that may make others, if there is none of that name
/// \param password secret; only what the server keeps of it is sent. Empty: none
/// \return not_allowed: it is not there, and the role that connects may not make it
/// Throws Error{database}, Error{cancelled}.
RoleMade make_role(const Settings& settings, const std::string& name, const std::string& password,
                   std::stop_token stop);

}  // namespace mastobak::postgres
