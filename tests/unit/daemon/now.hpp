// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.hpp"

/// The time at which most of these tests take place.
inline const auto now = *mastobak::parse_iso8601("2026-11-22T12:00:00Z");
