// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

/// Quoting of names and values in SQL. Internal to postgres/.
namespace mastobak::postgres {

/// Returns a quoted identifier, safe for any name: "My ""table""".
std::string sql_name(std::string_view identifier);
/// Returns a quoted string literal, for statements that cannot have parameters: 'it''s'.
std::string sql_text(std::string_view value);

/// Returns "NAME_SUFFIX". Shortens NAME where the result would be too long for PostgreSQL.
/// Source: PostgreSQL's documentation, 4.1.1 (63 bytes).
std::string suffixed(std::string_view name, std::string_view suffix);

}  // namespace mastobak::postgres
