// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "media/index/paths.hpp"

namespace mastobak::test {

/// Changes a tree at random, like Mastodon, an admin or a hostile user. Records the names and
/// directories that change, as a change journal would report them.
class TreeOperations {
 public:
    TreeOperations(std::filesystem::path root, unsigned seed);

    void operator()(int times);
    media::Paths touched;

 private:
    void once();
    void touch(const std::string& path);
    void write_new(const std::string& path);
    std::string new_name();
    /// Returns a random path below the root; empty if there is none.
    std::string any();
    /// Returns a random directory; empty: the root.
    std::string any_directory();
    std::vector<std::string> all(bool directories_only) const;
    std::size_t below(std::size_t limit);

    std::filesystem::path root_;
    std::mt19937 random_;
    int made_ = 0;
};

}  // namespace mastobak::test
