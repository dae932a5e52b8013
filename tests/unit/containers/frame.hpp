// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "containers/exec/frames.hpp"

/// Returns a frame of an engine's stream.
inline std::string frame(mastobak::containers::Frames::Kind kind, const std::string& text) {
    return mastobak::containers::frame_head(kind, text.size()) + text;
}
