// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/files/unique_fd.hpp"
#include "random.hpp"
#include "shape.hpp"

namespace mastobak::instance {

/// Writes files with random contents below a directory. Each thread needs its own object.
class TreeWriter {
 public:
    /// \param root must exist
    TreeWriter(const std::string& root, std::uint64_t seed);

    /// Writes a file and makes its directories. An existing file is an error: IDs are unique.
    void write(const File& file);

 private:
    UniqueFd open(const std::string& path);

    std::string root_;
    UniqueFd directory_;
    Random random_;
    std::vector<std::byte> block_;
};

}  // namespace mastobak::instance
