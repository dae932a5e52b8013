// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "core/error.hpp"

namespace mastobak::daemon {

/// What a command ends with when it fails: one table for `--help`, the man page and the code.
/// `status` has a table of its own (Health).
inline constexpr std::array<std::pair<Errc, int>, 15> exit_statuses{{
    {Errc::internal, 1},
    {Errc::usage, 2},
    {Errc::config, 10},
    {Errc::busy, 11},
    {Errc::cancelled, 12},
    {Errc::environment, 13},
    {Errc::units, 14},
    {Errc::database, 15},
    {Errc::media, 16},
    {Errc::staging, 17},
    {Errc::corrupt, 18},
    {Errc::offsite, 19},
    {Errc::unavailable, 20},
    {Errc::denied, 21},
    {Errc::shutdown, 22},
}};

constexpr int exit_status(Errc code) {
    for (const auto& [known, status] : exit_statuses)
        if (known == code) return status;
    return 1;
}

/// The reverse of to_string(Errc), for what a daemon has told.
inline Errc code_from(std::string_view name) {
    for (const auto& [code, status] : exit_statuses)
        if (to_string(code) == name) return code;
    return Errc::internal;
}

}  // namespace mastobak::daemon
