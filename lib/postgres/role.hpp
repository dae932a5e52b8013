// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>

#include "postgres/connection.hpp"

namespace mastobak::postgres {

enum class RoleMade { made, was_there, not_allowed };

/// Creates a role that may log in. A role of that name that exists already stays as it is. If the
/// role of the connection is not a superuser, it becomes a member of the new role, so that it can
/// create objects that the new role owns.
/// \param settings connects as a role that may create roles; any role if the role exists already
/// \param password secret; only its encrypted form is sent to the server. Empty: no password
/// \return not_allowed: the role does not exist, and the role of the connection may not create it
/// Throws Error{database}, Error{cancelled}.
RoleMade make_role(const Settings& settings, const std::string& name, const std::string& password,
                   std::stop_token stop);

}  // namespace mastobak::postgres
