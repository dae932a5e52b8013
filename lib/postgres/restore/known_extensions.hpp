// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

/// Not for other folders.
namespace mastobak::postgres {

/// Whether an extension may be made by its name as a superuser, in a database in which no SQL of a
/// set has run yet: those that PostgreSQL itself brings, and well-known ones of packages. What
/// they give to others is only what the owner may have.
bool is_known_extension(std::string_view name);

}  // namespace mastobak::postgres
