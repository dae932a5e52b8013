// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "core/error.hpp"

namespace mastobak::media {

/// Returns whether an errno means that a listed file or directory was removed meanwhile, or was
/// replaced by a file of another type.
bool is_vanished(int error);

/// Returns whether an errno means that one file or directory is damaged on disk, as by a bad sector
/// (EIO, EUCLEAN, EBADMSG). The backup then continues with a warning, because a host whose disk
/// begins to fail needs its backup most.
bool is_damage(int error);

/// Returns the error for a path that cannot be read. It has a hint only for EACCES and EPERM.
/// \param path  relative to the media root; may have any bytes
/// \param error errno of the failed call
Error read_error(std::string_view path, int error);

}  // namespace mastobak::media
