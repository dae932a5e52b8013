// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/unique_fd.hpp"
#include "random.hpp"
#include "shape.hpp"

namespace mastobak::instance {

/// Writes files of random contents below a directory. One for each thread.
class TreeWriter {
 public:
    /// \param root exists
    TreeWriter(const std::string& root, std::uint64_t seed);

    /// Makes the directories above it too. An existing file is an error: ids are unique.
    void write(const File& file);

 private:
    UniqueFd open(const std::string& path);

    std::string root_;
    UniqueFd directory_;
    Random random_;
    std::vector<std::byte> block_;
};

}  // namespace mastobak::instance
