// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/files/polite_read.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <utility>
#include <vector>

#include "core/files/files.hpp"
#include "core/text.hpp"

namespace mastobak {
namespace {

/// Large enough for a disk to stream, and small enough for a quick reaction to a stop request.
constexpr std::size_t streaming_block = std::size_t{4} << 20;

/// Reads the bytes from an offset that are in the page cache, up to the first page that is not.
/// \return number of bytes; negative when the file system does not support this
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
    const auto n = read_at(fd, block, offset);
    if (n < 0) return errno;
    offset += static_cast<std::uint64_t>(n);
    std::ranges::fill(block.subspan(static_cast<std::size_t>(n)), std::byte{0});
    // The kernel drops only whole pages, and the last page of the file.
    if (offset > begin && cached >= 0)
        ::posix_fadvise(fd, static_cast<off_t>(begin), static_cast<off_t>(offset - begin),
                        POSIX_FADV_DONTNEED);
    return 0;
}

void switch_off_read_ahead(int fd) {
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
}

void read_through(int fd, std::uint64_t offset, std::uint64_t length,
                  const std::filesystem::path& path,
                  const std::function<void(std::span<const std::byte>)>& take,
                  const std::stop_token& stop, Errc code) {
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        throw errno_error(code, fmt::format("look at '{}'", path.native()), errno);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (offset > size || length > size - offset)
        throw Error(code, fmt::format("'{}' has only {}", path.native(), counted(size, "byte")));
    switch_off_read_ahead(fd);
    std::vector<std::byte> filling(std::min<std::uint64_t>(streaming_block, length)),
        taken(filling);
    const auto end = offset + length;
    const auto fill = [&](std::uint64_t at) {
        const auto block =
            std::span(filling).first(std::min<std::uint64_t>(filling.size(), end - at));
        return std::pair(read_politely(fd, block, at), block.size());
    };
    // Each block is read by a new thread, which has the priority of this one. The destructor of the
    // future waits for it.
    std::future<std::pair<int, std::size_t>> next;
    for (auto at = offset; at < end;) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const auto [error, count] = next.valid() ? next.get() : fill(at);
        if (error != 0) throw errno_error(code, fmt::format("read '{}'", path.native()), error);
        std::swap(filling, taken);
        at += count;
        if (at < end) next = std::async(std::launch::async, fill, at);
        take(std::span(taken).first(count));
    }
}

}  // namespace mastobak
