// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mastobak::media {

/// Returns the data ranges of a file with holes, in the form of archive::Header::data_ranges. Empty
/// when the file has no holes, or the file system does not report them.
/// Source: lseek(2), SEEK_DATA
std::vector<std::pair<std::uint64_t, std::uint64_t>> data_ranges_of(int fd, std::uint64_t size);

/// Returns the extended attributes that the process may read, by name, including POSIX ACLs.
std::vector<std::pair<std::string, std::string>> xattrs_of(int fd);

}  // namespace mastobak::media
