// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace mastobak {

/// Returns that many random bytes for keys and passwords.
/// Throws Error{environment} when the kernel has none.
/// Source: getrandom(2), which always returns up to 256 bytes in one call
std::string random_bytes(std::size_t count);

/// Returns random bytes as hexadecimal digits, two for each byte. Throws as random_bytes() does.
std::string random_hex(std::size_t count);

}  // namespace mastobak
