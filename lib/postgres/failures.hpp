// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "core/error.hpp"
#include "postgres/connection.hpp"

/// Error messages and hints for failures of PostgreSQL, for an admin. Internal to postgres/.
namespace mastobak::postgres {

/// Returns the error for a failed attempt to connect.
/// \param message libpq's message with the SQLSTATE in it (PQERRORS_VERBOSE). The SQLSTATE decides
///                on the hint, because the server's text may be in any language
Error connect_error(const Settings& settings, std::string_view message);

/// Returns the error for a connection through a pooler. Its hint names the server's own port.
Error pooler_error(const Settings& settings, std::string_view server_port);

/// Returns the error for a failed pg_dump.
/// \param why the first error message of pg_dump, or how it ended. The part that comes from the
///            server may be in any language
Error dump_error(const Settings& settings, std::string_view why);

/// Returns the error for a failed pg_restore.
/// \param why the first error message of pg_restore, or how it ended
Error restore_error(const Settings& settings, std::string_view why);

/// Returns the error for a failed statement.
/// \param doing what was tried: "run 'SELECT 1'"
Error statement_error(std::string_view doing, std::string_view sqlstate, std::string_view message);

}  // namespace mastobak::postgres
