// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

#include "core/error.hpp"
#include "core/unique_fd.hpp"

namespace mastobak {

/// flock(2) on a file, which is made if need be: held as long as the descriptor is open, by
/// whichever process; dies with it. It belongs to the owner of its directory, also where root makes
/// it.
/// \param what it guards, for the message: "'/srv/staging'"
/// Throws Error{busy} that names the process which holds it, Error{code} for the file itself.
UniqueFd lock_file(const std::filesystem::path& file, std::string_view what,
                   Errc code = Errc::staging);

/// Whether the process that holds the lock has been killed and only cannot go, because one of its
/// threads hangs in the kernel, on a disk say: it does nothing any more, but what it has open stays
/// open. False where it cannot be known.
/// Source: proc(5), /proc/pid/status: State, SigPnd.
bool holder_is_killed(const std::filesystem::path& file);

}  // namespace mastobak
