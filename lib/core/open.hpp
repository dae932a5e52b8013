// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "core/unique_fd.hpp"

/// Opening what another user may have put there: user mastodon, a database, a remote, or for root
/// the daemon's own user.
namespace mastobak {

/// Which symlinks a path may lead through.
enum class Symlinks {
    follow,  ///< any: the path is an administrator's choice
    refuse,  ///< none, in no component: the directory belongs to another user
};

/// Opens a regular file for reading. A FIFO, a device, a socket or a directory is refused at once:
/// opening one never waits and has no effect.
/// \param path  of the file
/// \param links which symlinks the path may lead through
/// \return the descriptor (O_CLOEXEC), which blocks as usual
/// Throws Error{code} that names the path.
/// Source: open(2), O_NONBLOCK; openat2(2), RESOLVE_NO_SYMLINKS
UniqueFd open_regular(const std::filesystem::path& path, Symlinks links = Symlinks::follow,
                      Errc code = Errc::staging);

/// Opens a path that the kernel resolves beneath a directory and through no symlink.
/// \param root  descriptor of a directory, or AT_FDCWD
/// \param path  relative to it, without ".."
/// \param flags of open(2); O_CLOEXEC and O_NOFOLLOW are added. Nothing is created.
/// \return nothing on failure, with errno (EXDEV, ELOOP: the path leads elsewhere)
UniqueFd open_beneath(int root, const std::string& path, int flags);

/// The whole of a regular file, no component of whose path is a symlink.
/// \param limit a larger file is refused before it is read, and while it is read
/// Throws Error{code}.
std::string read_untrusted_file(const std::filesystem::path& path, Errc code = Errc::staging,
                                Bytes limit = {std::uint64_t{64} << 20});

/// The same of a file in a directory of ours: that may be reached by symlinks, which an
/// administrator has chosen, but none is followed below it.
/// \param name of the file, relative to the directory
std::string read_beneath(const std::filesystem::path& directory, const std::string& name,
                         Errc code = Errc::staging, Bytes limit = {std::uint64_t{64} << 20});

}  // namespace mastobak
