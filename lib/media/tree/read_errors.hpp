// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "core/error.hpp"

namespace mastobak::media {

/// Whether an errno of opening a name says that what was listed there is no longer: removed, or
/// replaced by something else.
bool is_vanished(int error);

/// Whether an errno concerns this one file, as a bad sector does, and not the whole set-up. The
/// backup continues with a warning then: a host whose disk begins to fail needs it most.
bool is_damage(int error);

/// Returns the error for an unreadable path, with a hint.
Error read_error(std::string_view path, int error);

}  // namespace mastobak::media
