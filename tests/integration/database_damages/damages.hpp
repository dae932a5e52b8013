// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace mastobak::test {

/// What a database has lost, or has in another way, than when its contents were recorded.
struct Damage {
    const char* sql;    ///< that does it, to the database of whole_database
    const char* named;  ///< in a problem of the report
};

/// A database with an object of each kind, and a column of each type.
extern const char* const whole_database;

std::span<const Damage> damages_of_objects();
std::span<const Damage> damages_of_rows();

}  // namespace mastobak::test
