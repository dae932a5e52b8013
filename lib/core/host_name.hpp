// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace mastobak {

/// Returns the name of this host; "unknown" when the kernel does not return one.
std::string host_name();

}  // namespace mastobak
