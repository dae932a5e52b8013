// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace mastobak {

/// Quotes any text as one word for bash, on one line. Text that is not readable() is escaped in
/// ASCII, so that it cannot end a line or a fence of Markdown. For commands in RESTORE.md and in
/// hints, which a person copies.
/// Source: bash(1), QUOTING, "$'string'"
std::string shell_word(std::string_view text);

}  // namespace mastobak
