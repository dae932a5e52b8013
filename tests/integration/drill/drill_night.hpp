// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The name of the set that most drills examine.
inline constexpr auto night = "20261122T030000Z";
