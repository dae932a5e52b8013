// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mastobak::backup {

/// Of this program, as manifests and `--version` say it.
inline constexpr const char* version = MASTOBAK_VERSION;

}  // namespace mastobak::backup
