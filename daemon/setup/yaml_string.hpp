// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/json.hpp"

namespace mastobak::daemon {

/// Returns a YAML string in double quotes, which has the same syntax as a JSON string.
inline std::string yaml_string(const std::string& text) {
    return Json(text).dump();
}

}  // namespace mastobak::daemon
