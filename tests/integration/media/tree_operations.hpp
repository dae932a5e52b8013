// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "media/index/path_order.hpp"

namespace mastobak::test {

/// Does what Mastodon, an admin and a hostile user may do to a tree, at random, and notes which
/// names and directories that touches: what a change journal would say.
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
    /// Any path below the root, or that of a directory; empty: there is none (the root).
    std::string any();
    std::string any_directory();
    std::vector<std::string> all(bool directories_only) const;
    std::size_t below(std::size_t limit);

    std::filesystem::path root_;
    std::mt19937 random_;
    int made_ = 0;
};

}  // namespace mastobak::test
