// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/read/file_layout.hpp"

#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

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

}  // namespace mastobak::media
