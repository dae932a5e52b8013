// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>

namespace mastobak::test {

/// Pages of a file, and how many of them are in the page cache.
struct Residency {
    std::size_t pages = 0;
    std::size_t resident = 0;
    double share() const { return pages == 0 ? 1 : double(resident) / double(pages); }
};

/// Throws Error{internal} where the kernel does not say: to who is neither root nor the owner.
/// Source: mincore(2).
Residency residency(const std::filesystem::path& file);

/// Reads the file into the page cache.
void cache(const std::filesystem::path& file);

/// Writes it to the disk, and puts it out of the page cache.
/// \return whether it is out: a tmpfs has it nowhere else
bool evict(const std::filesystem::path& file);

}  // namespace mastobak::test
