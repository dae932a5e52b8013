// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

/// Internal to postgres/.
namespace mastobak::postgres {

/// Returns whether a superuser may safely create this extension in a database in which no SQL of a
/// set has run yet. These are the extensions that come with PostgreSQL, and well-known ones of
/// packages. They grant no rights that the owner of the database should not have.
bool is_known_extension(std::string_view name);

}  // namespace mastobak::postgres
