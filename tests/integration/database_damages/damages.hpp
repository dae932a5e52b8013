// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace mastobak::test {

/// A damage: a change that the comparison with the recorded contents has to find.
struct Damage {
    const char* sql;    ///< damages the database that whole_database makes
    const char* named;  ///< appears in a problem of the report
};

/// SQL that makes an object of each kind, and a column of each type.
extern const char* const whole_database;

std::span<const Damage> damages_of_objects();
std::span<const Damage> damages_of_rows();

}  // namespace mastobak::test
