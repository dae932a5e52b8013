// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace mastobak::test {

/// Changes a media tree without a break, on its own thread, until it is paused: writes, extends,
/// truncates, replaces, renames and removes files, one after the other.
class Hammer {
 public:
    /// The contents of all files, by path relative to the tree.
    using State = std::map<std::string, std::string>;

    /// \param kinds of_files: only changes that a change journal reports as paths. Whole
    ///        directories do not change, and files are truncated by a descriptor
    enum class Kinds { all, of_files };
    Hammer(std::filesystem::path tree, unsigned seed, Kinds kinds = Kinds::all);

    /// Returns when no change is in progress any more.
    void pause();
    void go_on();
    /// Returns the current tree. Call it only while the hammer is paused.
    State state() const;
    std::size_t blows() const { return blows_; }

 private:
    void strike();
    std::filesystem::path any_path();

    const std::filesystem::path tree_;
    const Kinds kinds_;
    std::mt19937 random_;
    std::mutex working_;  ///< its holder may change or read the tree
    std::atomic<std::size_t> blows_ = 0;
    bool paused_ = false;
    std::jthread thread_;
};

}  // namespace mastobak::test
