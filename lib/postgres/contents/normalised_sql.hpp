// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

/// Internal to postgres/.
namespace mastobak::postgres {

/// Returns a definition without the parts that may change when PostgreSQL parses it and writes it
/// again: white space, parentheses and casts. For example, PostgreSQL turns
/// `(s)::text = ANY ((ARRAY['a'::character varying])::text[])` into
/// `(s)::text = ANY (ARRAY[('a'::character varying)::text])`; both have the same normalised text.
/// Quoted names, strings and bodies of functions are kept unchanged.
std::string normalised(std::string_view sql);

}  // namespace mastobak::postgres
