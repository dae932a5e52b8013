// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mastobak::backup {

/// The program's version, as manifests and `--version` have it.
inline constexpr const char* version = MASTOBAK_VERSION;

}  // namespace mastobak::backup
