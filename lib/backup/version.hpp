// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mastobak::backup {

/// The version of the program, used in manifests and in `--version`.
inline constexpr const char* version = MASTOBAK_VERSION;

}  // namespace mastobak::backup
