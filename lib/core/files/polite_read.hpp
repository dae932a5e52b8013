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

/// Fills a block from an offset (in bytes) of a file and does not fill up the page cache: pages
/// that the read brings into the cache are dropped again, and pages that were cached before stay.
/// Bytes beyond the end of the file become zeros.
///
/// All pages of a block after its first uncached page count as uncached. On file systems without
/// RWF_NOWAIT (network, FUSE) no pages are dropped.
/// \return 0, or the errno of the failed read
/// Source: preadv2(2), RWF_NOWAIT. mincore(2) and cachestat(2) cannot be used: for a process that
/// neither owns the file nor may write it, mincore reports all pages as cached (since Linux 5.2),
/// and cachestat fails (since 6.14).
int read_politely(int fd, std::span<std::byte> block, std::uint64_t offset);

/// Switches off the kernel's read-ahead for a file. Otherwise read_politely would take pages that
/// the kernel has read ahead for pages that were cached before. Needed for files of several blocks.
void switch_off_read_ahead(int fd);

/// Reads a part of a file in order, with read_politely, and passes each block (at most 4 MiB) to
/// `take` while the next block is read. Switches off the kernel's read-ahead for the descriptor.
/// \param offset in bytes
/// \param length in bytes
/// \param path   used in messages
/// \param take   called in the caller's thread
/// Throws Error{code} when the part cannot be read or is beyond the end of the file; the exceptions
/// of `take`; Error{cancelled} after `stop`, which is checked before each block.
void read_through(int fd, std::uint64_t offset, std::uint64_t length,
                  const std::filesystem::path& path,
                  const std::function<void(std::span<const std::byte>)>& take,
                  const std::stop_token& stop, Errc code);

}  // namespace mastobak
