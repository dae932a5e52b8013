// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

/// Names in SQL. Not for other folders.
namespace mastobak::postgres {

/// A name as SQL takes it whatever is in it: "My ""table""".
std::string sql_name(std::string_view identifier);
/// A value as SQL takes it, for statements that take no parameters: 'it''s'.
std::string sql_text(std::string_view value);

/// "NAME_SUFFIX", NAME cut where the whole would be longer than PostgreSQL's names are.
/// Source: PostgreSQL's documentation, 4.1.1 (63 bytes).
std::string suffixed(std::string_view name, std::string_view suffix);

}  // namespace mastobak::postgres
