// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace mastobak {

/// One word for bash, whatever is in it, on one line and in ASCII where it is not readable(): what
/// ends a line or a fence of Markdown is never there raw. For commands that a person copies, in
/// RESTORE.md and in hints.
/// Source: bash(1), QUOTING, "$'string'"
std::string shell_word(std::string_view text);

}  // namespace mastobak
