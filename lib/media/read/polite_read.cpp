// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/read/polite_read.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mastobak::media {
namespace {

/// What is in the page cache from there on, as far as it goes without a gap.
/// \return bytes; negative: it cannot be told
ssize_t read_cached(int fd, std::span<std::byte> block, std::uint64_t offset) {
    const iovec into{block.data(), block.size()};
    const auto n = ::preadv2(fd, &into, 1, static_cast<off_t>(offset), RWF_NOWAIT);
    return n < 0 && errno == EAGAIN ? 0 : n;
}

}  // namespace

int read_politely(int fd, std::span<std::byte> block, std::uint64_t offset) {
    const auto cached = read_cached(fd, block, offset);
    if (cached > 0) {
        block = block.subspan(static_cast<std::size_t>(cached));
        offset += static_cast<std::uint64_t>(cached);
    }
    const auto begin = offset;
    while (!block.empty()) {
        const auto n = ::pread(fd, block.data(), block.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        if (n == 0) break;
        block = block.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    if (!block.empty()) std::memset(block.data(), 0, block.size());
    // Whole pages go, and the last one of the file.
    if (offset > begin && cached >= 0)
        ::posix_fadvise(fd, static_cast<off_t>(begin), static_cast<off_t>(offset - begin),
                        POSIX_FADV_DONTNEED);
    return 0;
}

void switch_off_read_ahead(int fd) {
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
}

}  // namespace mastobak::media
