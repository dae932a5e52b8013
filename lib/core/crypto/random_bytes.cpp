// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/random_bytes.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <cerrno>

#include "core/error.hpp"

namespace mastobak {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (::getrandom(bytes.data(), count, 0) != static_cast<ssize_t>(count))
        throw errno_error(Errc::environment, "get random bytes", errno);
    return bytes;
}

std::string random_hex(std::size_t count) {
    std::string text;
    for (const char byte : random_bytes(count))
        text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return text;
}

}  // namespace mastobak
