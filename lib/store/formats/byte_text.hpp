// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mastobak::store {

/// Any bytes as UTF-8, which JSON is made of: a backslash is doubled, each byte that is not a part
/// of valid UTF-8 becomes a backslash and three octal digits. Text without either stays as it is.
std::string to_utf8(std::string_view bytes);

/// The reverse; nothing for what to_utf8 cannot have made.
std::optional<std::string> from_utf8(std::string_view text);

}  // namespace mastobak::store
