// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/read/media_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/text.hpp"

namespace mastobak::media {
namespace {

/// Reads a value of unknown size. With a size of 0, the call returns the size that it needs.
template <typename Call>
std::string read_sized(Call call) {
    const auto size = call(nullptr, 0);
    if (size <= 0) return {};
    std::string value(static_cast<std::size_t>(size), '\0');
    const auto n = call(value.data(), value.size());
    value.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return value;
}

}  // namespace

UniqueFd Opener::open(int directory, const char* name, int flags) {
    flags |= O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    if (may_keep_atime_) {
        UniqueFd fd(::openat(directory, name, flags | O_NOATIME));
        if (fd || errno != EPERM) return fd;
        may_keep_atime_ = false;
    }
    return UniqueFd(::openat(directory, name, flags));
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> data_ranges_of(int fd, std::uint64_t size) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    const auto end = static_cast<off_t>(size);
    for (off_t at = 0; at < end;) {
        const auto data = ::lseek(fd, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO) break;
        const auto hole = data < 0 ? data : ::lseek(fd, data, SEEK_HOLE);
        if (hole < 0) return {};
        const auto stop = std::min(hole, end);
        if (data >= stop) break;
        ranges.emplace_back(data, stop - data);
        at = stop;
    }
    if (ranges.empty()) ranges.emplace_back(0, 0);  // one hole
    if (ranges.front() == std::pair<std::uint64_t, std::uint64_t>(0, size)) ranges.clear();
    return ranges;
}

std::vector<std::pair<std::string, std::string>> xattrs_of(int fd) {
    std::vector<std::pair<std::string, std::string>> xattrs;
    std::array<char, 256> block;  // enough for nearly all files, in one call
    const auto n = ::flistxattr(fd, block.data(), block.size());
    if (n == 0 || (n < 0 && errno != ERANGE)) return xattrs;
    const auto names =
        n > 0 ? std::string(block.data(), static_cast<std::size_t>(n))
              : read_sized([&](char* to, std::size_t size) { return ::flistxattr(fd, to, size); });
    for (std::size_t at = 0; at < names.size();) {
        const std::string name = names.c_str() + at;
        at += name.size() + 1;
        const auto size = ::fgetxattr(fd, name.c_str(), nullptr, 0);
        if (size < 0) continue;
        xattrs.emplace_back(name, read_sized([&](char* to, std::size_t room) {
                                return ::fgetxattr(fd, name.c_str(), to, room);
                            }));
    }
    std::sort(xattrs.begin(), xattrs.end());
    return xattrs;
}

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
