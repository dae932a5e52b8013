// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "core/files/unique_fd.hpp"

/// Functions to open files that a less privileged user may have created: user mastodon, a database,
/// a remote, or (when root runs a command) the daemon's own user.
namespace mastobak {

/// Which symlinks a path may lead through.
enum class Symlinks {
    follow,  ///< any: the path is an administrator's choice
    refuse,  ///< none, in no component: the directory belongs to another user
};

/// Opens a regular file for reading. Refuses a FIFO, device, socket or directory without waiting
/// for it and without side effects.
/// \param links which symlinks the path may lead through
/// \return the descriptor (O_CLOEXEC, without O_NONBLOCK)
/// Throws Error{code} that names the path.
/// Source: open(2), O_NONBLOCK; openat2(2), RESOLVE_NO_SYMLINKS
UniqueFd open_regular(const std::filesystem::path& path, Symlinks links = Symlinks::follow,
                      Errc code = Errc::staging);

/// Opens a path that stays beneath a directory and leads through no symlink.
/// \param root  descriptor of a directory, or AT_FDCWD
/// \param path  relative to it, without ".."
/// \param flags flags of open(2) except O_CREAT; O_CLOEXEC and O_NOFOLLOW are added
/// \return an empty descriptor on failure, with errno (EXDEV, ELOOP: the path leads elsewhere)
UniqueFd open_beneath(int root, const std::string& path, int flags);

/// Returns the contents of a regular file in one of mastobak's own directories. The path of the
/// directory may have symlinks, as an administrator has chosen it; below the directory, none is
/// followed.
/// \param name  name of the file, relative to the directory
/// \param limit a larger file is refused, also when it grows while it is read
/// Throws Error{code}.
std::string read_beneath(const std::filesystem::path& directory, const std::string& name,
                         Errc code = Errc::staging, Bytes limit = {std::uint64_t{64} << 20});

}  // namespace mastobak
