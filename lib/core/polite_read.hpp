// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>

#include "core/error.hpp"

namespace mastobak {

/// Fills the block from that offset, and leaves the page cache as it was: what had not been in it
/// is put out again, what had been stays. What the file no longer has is zeros.
///
/// A page that is in the cache behind the first one of a block that is not counts as not cached. On
/// a file system that cannot tell (network, FUSE) the cache is left to the kernel.
/// \return 0, or errno
/// Source: preadv2(2), RWF_NOWAIT. Not mincore(2) or cachestat(2): to whom neither owns the file
/// nor may write it the first says that all is cached (Linux 5.2), the second fails (6.14).
int read_politely(int fd, std::span<std::byte> block, std::uint64_t offset);

/// Has the kernel read nothing ahead of what is asked for: of what it had read ahead, read_politely
/// would think that it had been cached before. For files of several blocks.
void switch_off_read_ahead(int fd);

/// Reads a part of a file in order, politely, each block while the one before it is taken.
/// \param path for messages
/// \param take what it throws ends the reading
/// Throws Error{code} when it cannot be read or ends before the part does; Error{cancelled}.
void read_through(int fd, std::uint64_t offset, std::uint64_t length,
                  const std::filesystem::path& path,
                  const std::function<void(std::span<const std::byte>)>& take,
                  const std::stop_token& stop, Errc code);

}  // namespace mastobak
