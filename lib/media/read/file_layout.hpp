// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mastobak::media {

/// Where the data of a file with holes is, as archive::Header::data_ranges says it. Empty when the
/// file system does not tell holes, or there are none.
/// Source: lseek(2), SEEK_DATA
std::vector<std::pair<std::uint64_t, std::uint64_t>> data_ranges_of(int fd, std::uint64_t size);

/// The extended attributes that we may read, by name; POSIX ACLs are among them.
std::vector<std::pair<std::string, std::string>> xattrs_of(int fd);

}  // namespace mastobak::media
