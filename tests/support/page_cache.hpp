// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>

namespace mastobak::test {

/// The number of pages of a file, and how many of them are in the page cache.
struct Residency {
    std::size_t pages = 0;
    std::size_t resident = 0;
    double share() const { return pages == 0 ? 1 : double(resident) / double(pages); }
};

/// Returns the residency of a file. Throws Error{internal} when the kernel does not report it: the
/// process must be root or own the file.
/// Source: mincore(2).
Residency residency(const std::filesystem::path& file);

/// Reads the file into the page cache.
void cache(const std::filesystem::path& file);

/// Writes the file to the disk and removes it from the page cache.
/// \return whether it was removed; false on a tmpfs, which keeps files only there
bool evict(const std::filesystem::path& file);

}  // namespace mastobak::test
