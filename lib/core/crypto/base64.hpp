// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mastobak {

/// Decodes base64, with '+' and '/' or with '-' and '_'; the '=' at the end may be missing.
/// Returns nullopt when the text is not base64.
/// Source: RFC 4648, sections 4 and 5
std::optional<std::string> decode_base64(std::string_view text);

/// Returns base64 with '+', '/' and '=', in one line.
std::string encode_base64(std::string_view bytes);

}  // namespace mastobak
