// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "postgres/connection.hpp"

/// What goes wrong between us and PostgreSQL, in words for an admin. Not for other folders.
namespace mastobak::postgres {

/// The error for a connection that was not made.
/// \param message libpq's, with the SQLSTATE in it (PQERRORS_VERBOSE), as servers may speak any
/// language
Error connect_error(const Settings& settings, std::string_view message);

/// The error for a pooler in between; its hint names the port of the server itself.
Error pooler_error(const Settings& settings, std::string_view server_port);

/// The error for a pg_dump that failed.
/// \param why its first complaint or how it ended; a server's part of it is in any language
Error dump_error(const Settings& settings, std::string_view why);

/// The error for a pg_restore that failed.
/// \param why its first complaint or how it ended
Error restore_error(const Settings& settings, std::string_view why);

/// The error for a statement that failed.
Error statement_error(std::string_view doing, std::string_view sqlstate, std::string_view message);

}  // namespace mastobak::postgres
