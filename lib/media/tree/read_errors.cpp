// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/read_errors.hpp"

#include <fmt/format.h>

#include <cerrno>

#include "core/readable.hpp"

namespace mastobak::media {

bool is_vanished(int error) {
    // ELOOP: it is a symlink now. ENXIO: it is a socket now. ESTALE: it was removed on a network
    // file system.
    return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENXIO ||
           error == ESTALE;
}

bool is_damage(int error) {
    return error == EIO || error == EUCLEAN || error == EBADMSG;
}

Error read_error(std::string_view path, int error) {
    const bool denied = error == EACCES || error == EPERM;
    return errno_error(
        Errc::media, fmt::format("read '{}' of the media", readable(path)), error,
        denied ? "mastobak needs CAP_DAC_READ_SEARCH, as its unit file gives it" : "");
}

}  // namespace mastobak::media
