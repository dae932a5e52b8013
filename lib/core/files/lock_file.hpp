// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"

namespace mastobak {

/// Locks a file with flock(2), and creates it when it is missing. The lock is held as long as any
/// process has the descriptor open. A new file belongs to the owner of its directory, even when
/// root creates it.
/// \param what the locked object, for the message: "'/srv/staging'"
/// Throws Error{busy} with the process that holds the lock; Error{code} for an error of the file.
UniqueFd lock_file(const std::filesystem::path& file, std::string_view what,
                   Errc code = Errc::staging);

/// Locks a directory, which is created when it is missing. Waits for another holder.
/// Throws Error{staging}.
UniqueFd lock_directory(const std::filesystem::path& directory);

/// Returns the process that holds a lock or has held it last; empty when that cannot be read.
std::string process_of_lock(const std::filesystem::path& file);

/// Returns whether the process that holds the lock was killed but cannot end, because one of its
/// threads hangs in the kernel, for example in disk I/O. Such a process executes no more code, but
/// its files stay open. Returns false when this cannot be determined.
/// Source: proc(5), /proc/pid/status: State, SigPnd.
bool holder_is_killed(const std::filesystem::path& file);

}  // namespace mastobak
