// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mastobak::store {

/// Encodes any bytes as UTF-8 for JSON: a backslash is doubled, and each byte that is not a part of
/// valid UTF-8 becomes a backslash and three octal digits. Text without either does not change.
std::string to_utf8(std::string_view bytes);

/// Reverses to_utf8(). Returns nullopt for an invalid escape.
std::optional<std::string> from_utf8(std::string_view text);

}  // namespace mastobak::store
