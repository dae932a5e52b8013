// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "scrub/ledger.hpp"

namespace mastobak::daemon {

/// Returns "'media/x.tar' is damaged: its contents changed; 2 files (a, b); used by 1 set (…);
/// whole at remote 'b2'".
std::string damage_text(const std::string& object, const scrub::Damage& damage);

}  // namespace mastobak::daemon
