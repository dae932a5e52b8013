// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

/// Not for other folders.
namespace mastobak::postgres {

/// A definition without what PostgreSQL may write in another way when it has read it once: white
/// space, parentheses, and casts. `(s)::text = ANY ((ARRAY['a'::character varying])::text[])` comes
/// back as `(s)::text = ANY (ARRAY[('a'::character varying)::text])`, and both are the same here.
/// Quoted names, strings and bodies of functions stay as they are.
std::string normalised(std::string_view sql);

}  // namespace mastobak::postgres
